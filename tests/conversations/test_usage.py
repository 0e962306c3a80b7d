"""What turns use and cost: counted, charged when they are cut off, and limited."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from conversations import errors, prices, services
from conversations.models import Charge, Turn
from conversations.responder import Spent, Step, TurnRecorder, TurnRequest, Usage
from conversations.services import allowance
from conversations.threads import in_database
from tests.conversations.conftest import ended, first_event
from tests.conversations.scripted import held

MILLION = 1_000_000


def test_a_price_counts_what_came_from_the_cache_apart() -> None:
    usage = Usage(MILLION, MILLION, cached_tokens=MILLION // 2)

    assert prices.cost_of("gpt-5-mini", usage) == Decimal("0.125") + Decimal("0.0125") + Decimal(2)
    assert prices.cost_of("gpt-5-mini-2025-08-07", usage) == prices.cost_of("gpt-5-mini", usage)
    assert prices.cost_of("models/gemini-3.5-flash-lite", Usage(MILLION)) == Decimal("0.30")
    writes = Usage(MILLION, cached_tokens=MILLION // 2, written_tokens=MILLION)
    assert prices.cost_of("gpt-6.1-terra", writes) == Decimal("0.025") + Decimal("0.625")
    assert prices.cost_of("gpt-transcribe", Usage(seconds=90)) == Decimal("0.00675")
    assert prices.cost_of("gpt-5-mini-of-my-own", usage) is None


def test_prices_have_a_date_and_come_from_a_file_of_ones_own_first(tmp_path: Path, settings: Any) -> None:
    own = tmp_path / "prices.toml"
    own.write_text('["gpt-5-mini"]\nas_of = 2026-02-01\ninput = 1\noutput = 3\n')
    settings.CHAT_PRICES_FILE = str(own)

    assert prices.cost_of("gpt-5-mini", Usage(MILLION, MILLION)) == Decimal(4)
    assert prices.find_price("gpt-5") is not None

    own.write_text('["gpt-5-mini"]\ninput = 1\noutput = 3\n')
    with pytest.raises(prices.BadPrices, match="as_of"):
        prices.read_prices(own)


def test_a_price_that_was_announced_counts_from_its_day(tmp_path: Path, settings: Any) -> None:
    own, today = tmp_path / "prices.toml", timezone.now().date()
    settings.CHAT_PRICES_FILE = str(own)
    entry = (
        "[{}]\nas_of = 2026-01-01\ninput = 1\noutput = 3\nlater = {{ since = {}, input = 2, output = 4 }}\n"
    )
    tomorrow = today + timedelta(days=1)
    own.write_text(entry.format("soon", tomorrow) + entry.format("now", today))

    assert prices.cost_of("soon", Usage(MILLION, MILLION)) == Decimal(4)
    assert prices.cost_of("now", Usage(MILLION, MILLION)) == Decimal(6)


def test_the_models_that_answer_without_a_choice_have_a_price(settings: Any) -> None:
    for model in (settings.OPENAI_MODEL, settings.GEMINI_MODEL, settings.OPENAI_TRANSCRIPTION_MODEL):
        assert prices.find_price(model) is not None


async def steps_of(recorder: TurnRecorder, *models: str) -> None:
    for number, model in enumerate(models, 1):
        final = number == len(models)
        usage = Usage(1000, 100)
        await recorder.step(Step({"n": number}, "done" if final else "", final, usage=usage, model=model))


@pytest.mark.django_db(transaction=True)
async def test_every_call_is_charged_also_one_that_came_to_nothing(
    worker: None, send: Any, responder: Any
) -> None:
    async def answer(request: TurnRequest, recorder: TurnRecorder) -> None:
        recorder.spent(Spent("gpt-5-mini", Usage(MILLION, 0)))
        await steps_of(recorder, "gpt-5-mini", "gpt-5-mini")

    responder.script = staticmethod(answer)

    turn = await ended((await send("Hello")).turn)

    assert (turn.input_tokens, turn.output_tokens) == (MILLION + 2000, 200)
    assert turn.cost == Decimal("0.25") + 2 * Decimal("0.00045")
    assert not turn.usage_is_estimated


@pytest.mark.django_db(transaction=True)
async def test_one_call_without_a_known_price_leaves_the_turn_without_a_cost(
    worker: None, send: Any, responder: Any
) -> None:
    async def answer(request: TurnRequest, recorder: TurnRecorder) -> None:
        await steps_of(recorder, "gpt-5-mini", "of-my-own", "gpt-5-mini")

    responder.script = staticmethod(answer)

    turn = await ended((await send("Hello")).turn)

    assert turn.input_tokens == 3000
    assert turn.cost is None


@pytest.mark.django_db(transaction=True)
async def test_a_call_that_is_cut_off_by_stop_is_charged(
    worker: None, send: Any, responder: Any, alice: Any, settings: Any
) -> None:
    settings.CHAT_MODEL = "gpt-5-mini"
    script, _begun, go_on = held("twelve bytes")
    responder.script = staticmethod(script)
    sent = await send("Tell me " * 100)
    await first_event(sent.turn, "twelve bytes")

    await database_sync_to_async(services.cancel_turn)(
        user=alice, conversation_id=sent.conversation_id, turn_id=sent.turn.pk
    )
    go_on.set()
    turn = await ended(sent.turn)

    assert (turn.input_tokens, turn.output_tokens) == (200, 3)
    assert turn.cost == Decimal(200 * 25 + 3 * 200) / 100 / MILLION
    assert turn.usage_is_estimated


@pytest.mark.django_db
def test_a_call_that_a_crash_cut_off_is_charged_to_its_turn(alice: Any) -> None:
    sent = services.send_message(user=alice, text="Tell me " * 100)
    claim = {"conversation_id": sent.conversation_id, "job_id": 1}
    assert services.claim_turn(**claim, resume=False) is not None  # type: ignore[arg-type]
    assert Turn.objects.get().input_tokens == 0

    request = services.claim_turn(**claim, resume=True)  # type: ignore[arg-type]
    assert request is not None
    step = Step({"said": "yes"}, "yes", final=True, usage=Usage(210, 5), model="gpt-5-mini")
    services.commit_step(request=request, step=step, payloads=[], new_items=[], first_token_at=None)

    turn = Turn.objects.get()
    assert (turn.input_tokens, turn.output_tokens) == (200 + 210, 5)
    assert turn.usage_is_estimated


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["CHAT_DAILY_TOKENS", "CHAT_SITE_DAILY_TOKENS", "CHAT_SITE_DAILY_COST"])
async def test_a_limit_that_is_reached_within_a_turn_stops_the_next_call(
    worker: None, send: Any, responder: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(allowance, "_site", allowance._Site())  # other tests' turns are gone
    setattr(settings, limit, Decimal("0.0001") if limit.endswith("COST") else 1000)

    async def answer(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.before_call()
        await recorder.step(Step({}, "", final=False, usage=Usage(900, 100), model="gpt-5-mini"))
        await recorder.before_call()
        raise AssertionError("the second call was allowed")

    responder.script = staticmethod(answer)

    turn = await ended((await send("Hello")).turn)

    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error["code"] == "assistant_unavailable"
    assert "midnight UTC" in turn.error["detail"]
    assert 0 < turn.error["retry_after"] <= 24 * 3600
    with pytest.raises(errors.RateLimited, match="midnight UTC"):
        await send("Again")


@pytest.mark.django_db
def test_what_an_old_turn_uses_today_is_todays(alice: Any, bob: Any, settings: Any) -> None:
    settings.CHAT_DAILY_TOKENS = 100
    now, days = timezone.now(), timedelta(days=3)
    for user, finished_at in ((alice, now), (bob, now - days)):  # hers was tried again, or decided, today
        sent = services.send_message(user=user, text="Hello")
        Turn.objects.filter(pk=sent.turn.pk).update(
            status="cancelled", input_tokens=100, queued_at=now - days, finished_at=finished_at
        )

    services.check_allowance(user_id=bob.pk)
    with pytest.raises(errors.RateLimited, match="midnight UTC"):
        services.check_allowance(user_id=alice.pk)


@pytest.mark.django_db(transaction=True)
async def test_what_is_sent_at_once_counts_like_what_is_sent_one_by_one(alice: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 3
    sends = [in_database(services.send_message, user=alice, text=f"Hello {number}") for number in range(12)]

    sent = await asyncio.gather(*sends, return_exceptions=True)

    assert [type(each) for each in sent].count(errors.RateLimited) == 9
    assert [type(each) for each in sent].count(services.Sent) == 3


@pytest.mark.django_db
def test_a_retry_counts_like_a_message(alice: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 3
    turn = services.send_message(user=alice, text="Hello").turn
    which = {"user": alice, "conversation_id": turn.conversation_id, "turn_id": turn.pk}
    for _ in range(2):
        services.cancel_turn(**which)
        services.retry_turn(**which)
    services.cancel_turn(**which)

    with pytest.raises(errors.RateLimited) as refused:
        services.retry_turn(**which)

    assert refused.value.retry_after is not None
    assert 55 < refused.value.retry_after <= 60
    with pytest.raises(errors.RateLimited):
        services.send_message(user=alice, text="Hello")


@pytest.mark.django_db
def test_what_is_deleted_still_counts(alice: Any, bob: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE, settings.CHAT_DAILY_TOKENS = 2, 1000
    for tokens in (400, 700):
        turn = services.send_message(user=alice, text="Hello").turn
        Turn.objects.filter(pk=turn.pk).update(
            status="cancelled", input_tokens=tokens, finished_at=timezone.now()
        )
        services.delete_conversation(user=alice, conversation_id=turn.conversation_id)

    with pytest.raises(errors.RateLimited, match="many messages"):
        services.send_message(user=alice, text="Hello")
    with pytest.raises(errors.RateLimited, match="midnight UTC"):
        services.check_allowance(user_id=alice.pk)
    services.send_message(user=bob, text="Hello")
    Charge.objects.update(at=timezone.now() - timedelta(days=3))
    services.forget_charges()
    assert not Charge.objects.exists()


@pytest.mark.django_db
def test_a_run_whose_conversation_is_deleted_is_charged(alice: Any) -> None:
    sent = services.send_message(user=alice, text="Tell me " * 100)
    services.claim_turn(conversation_id=sent.conversation_id, job_id=1, resume=False)

    services.delete_conversation(user=alice, conversation_id=sent.conversation_id)

    assert Charge.objects.get().tokens == 200


@pytest.mark.django_db
def test_a_clock_that_was_set_back_refuses_nobody(alice: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 1
    services.send_message(user=alice, text="Hello")
    Turn.objects.update(queued_at=timezone.now() + timedelta(hours=1))

    services.send_message(user=alice, text="Hello again")
