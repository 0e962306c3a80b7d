from types import ModuleType

from django.apps import AppConfig

from conversations.late_imports import import_late, when_imported


def _build_late(module: ModuleType) -> None:
    """Let pydantic build the two versions of MCP's wire format when one is spoken: over HTTP, not in this process."""
    module.WireModel.model_config["defer_build"] = True


import_late(
    *("openai.types", "openai.types.chat", "openai.types.graders", "openai.types.responses"),
    *("mcp", "mcp.client", "mcp.server"),
)
when_imported("mcp_types._wire_base", _build_late)


class AgentsAppConfig(AppConfig):
    """The assistants. Nothing here loads at start what only a running turn needs."""

    name = "agents_app"
    label = "agents_app"
    verbose_name = "Assistants"
