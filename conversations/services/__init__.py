"""Every write. Call through the module: `services.rename_conversation(…)`."""
