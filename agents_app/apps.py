from django.apps import AppConfig


class AgentsAppConfig(AppConfig):
    """The assistants. Nothing here loads at start what only a running turn needs."""

    name = "agents_app"
    label = "agents_app"
    verbose_name = "Assistants"
