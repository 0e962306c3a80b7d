"""What /api/{user_id} answers with."""

from __future__ import annotations

from pydantic import RootModel


class Erased(RootModel[dict[str, int]]):
    """How many rows of each kind there were: conversations, messages, attachments and so on."""

    model_config = {
        "json_schema_extra": {
            "examples": [{"accounts": 1, "conversations": 2, "messages": 8, "attachments": 1, "feedback": 1}]
        }
    }
