"""The knowledge base: articles that the staff writes in the admin and the assistants search and cite."""
