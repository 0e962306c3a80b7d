"""The models that a customer may choose from: offered on the page, checked on the server, kept with the turn."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from chatsite.env import BadSetting
from chatsite.offered_models import OfferedModel, read_models
from conversations.models import Turn
from tests.conversations.chatkit_client import ChatKitClient, message

QUICK = OfferedModel("gpt-5-mini", "Quick", "openai", "gpt-5-mini")
THOROUGH = OfferedModel("gemini:gemini-2.5-pro", "Thorough", "gemini", "gemini-2.5-pro")


def test_models_are_read_with_their_labels_and_providers() -> None:
    entries = ["gpt-5-mini=Quick", "gemini:gemini-2.5-pro = Thorough", "llama3:8b"]

    models = read_models(entries, "openai")

    assert models == [QUICK, THOROUGH, OfferedModel("llama3:8b", "llama3:8b", "openai", "llama3:8b")]
    for bad in (["gpt-5", "gpt-5=Twice"], ["=Nothing"]):
        with pytest.raises(BadSetting, match="CHAT_MODELS"):
            read_models(bad, "openai")


@pytest.mark.django_db
def test_the_page_offers_them(client: Client, alice: Any, settings: Any) -> None:
    settings.CHAT_MODELS = [QUICK, THOROUGH]
    client.force_login(alice)

    page = client.get("/").content.decode()

    config = re.search(r'<script id="chat-config" type="application/json">(.*?)</script>', page)
    assert config is not None
    assert json.loads(config[1])["models"] == [
        {"id": "gpt-5-mini", "label": "Quick"},
        {"id": "gemini:gemini-2.5-pro", "label": "Thorough"},
    ]


@pytest.mark.django_db(transaction=True)
async def test_a_choice_goes_with_the_turn_and_one_that_is_not_offered_is_refused(
    worker: None, responder: Any, alice: Any, settings: Any
) -> None:
    chatkit = ChatKitClient(alice)
    settings.CHAT_MODELS = [QUICK, THOROUGH]

    async def ask(model: str) -> Any:
        asked = message("Hello", inference_options={"model": model})
        return await chatkit.request("threads.create", {"input": asked})

    chosen = await ask(THOROUGH.id)
    refused = await ask("gpt-5-pro")

    assert chosen.status == 200
    assert responder.requests[-1].chosen_model == THOROUGH.id
    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.json["errors"] == [
        {"field": "inference_options.model", "message": "must be one of gpt-5-mini, gemini:gemini-2.5-pro"}
    ]
    assert await database_sync_to_async(Turn.objects.count)() == 1
    again = await chatkit.request(
        "threads.retry_after_item",
        {"thread_id": chosen.thread_id, "item_id": chosen.items("user_message")[0]["id"]},
    )
    assert again.status == 200
    assert responder.requests[-1].chosen_model == THOROUGH.id
