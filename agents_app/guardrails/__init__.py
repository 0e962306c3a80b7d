"""What is checked before the model is asked, and what before its words are shown. No database, no model."""
