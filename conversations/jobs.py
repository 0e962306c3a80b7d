"""The turn as a durable job, and how it ends."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import random
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job

from conversations import at_hand, errors, events, services, watching
from conversations.events.writer import LogWriter
from conversations.lifeline import LONG_DUE, QUEUE
from conversations.loading import load
from conversations.recorder import Recorder
from conversations.responder import Responder, TurnRequest
from conversations.threads import in_database

logger = logging.getLogger(__name__)

PROVIDER_TRIES = 3
LONGEST_RETRY_SECONDS = 5.0
# A turn makes thousands of objects, hardly any of them in cycles: Python looks for them at each 700, and among the old
# ones a hundred times as seldom. So seldom that what hours-long sockets leave behind would add up.
LOOK_AFTER = 10_000, 4, 2


class BackToTheQueue(BaseRetryStrategy):
    """A job that ends by a shutdown goes on at once elsewhere; one that ends by our own fault after a while.

    The fault may last (the database went away, its disk is full). The job comes back to the same turn, whose attempts
    are limited where it is claimed.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        seconds = min(LONGEST_RETRY_SECONDS, 0.25 * 2 ** min(job.attempts, 10))
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision(retry_at=LONG_DUE)
        return RetryDecision(retry_at=timezone.now() + timedelta(seconds=seconds))


BACK_TO_THE_QUEUE = BackToTheQueue()


#: Under this name a job's context has the turn that was claimed when its message was stored (`at_hand`).
BEGUN = "begun"


@app.task(name=at_hand.TASK, queue=QUEUE, pass_context=True, retry=BACK_TO_THE_QUEUE)
async def run_turns(context: JobContext, conversation_id: str) -> None:
    """Answer a conversation's turns, one after another, until none waits."""
    job_id = cast("int", context.job.id)  # None only before it is stored
    claim = functools.partial(services.claim_turn, conversation_id=conversation_id, job_id=job_id)
    request = context.additional_context.pop(BEGUN, None) or await in_database(claim, resume=True)
    while request is not None:
        with watching.run(request):
            more_were_sent = await _run_turn(request)
        request = await in_database(claim, resume=False) if more_were_sent else None


@app.periodic(cron="17 * * * *")
@app.task(name="conversations.upkeep", queue=QUEUE, pass_context=False)
async def upkeep(timestamp: int) -> None:
    """Prune logs and delete what is past its time, every hour."""
    events_gone = await in_database(services.prune_events)
    conversations_gone = await in_database(services.delete_expired_conversations)
    await in_database(services.delete_unsent_attachments)
    await in_database(services.forget_charges)
    lapsed = await in_database(services.expire_overdue)
    logger.info(
        "upkeep: %s events pruned, %s conversations deleted, %s approvals lapsed",
        *(events_gone, conversations_gone, lapsed),
    )


async def _run_turn(request: TurnRequest) -> bool:
    """Run a turn to its end; say whether others may wait behind it, which whoever ended it has seen."""
    recorder = Recorder(request, _writer())
    run = asyncio.ensure_future(_answer(recorder))
    try:
        async with events.watched_run(
            request.conversation_id,
            request.turn_id,
            request.epoch,
            lambda: recorder.has_ended or recorder.is_completing or run.cancel(),
        ):
            await asyncio.wait([run])
    finally:
        run.cancel()
        await asyncio.wait([run])
    await _settle(request, recorder, run)
    return not recorder.has_ended or recorder.more_were_sent


async def _settle(request: TurnRequest, recorder: Recorder, run: asyncio.Future[None]) -> None:
    """Turn how a run ended into how its turn ends."""
    failure = None if run.cancelled() else run.exception()
    if recorder.completed:
        if failure is not None:  # what comes after a reply never undoes it
            logger.error("turn %s: what follows its reply failed", request.turn_id, exc_info=failure)
        return
    try:
        match failure:
            case errors.Fenced():
                logger.info("turn %s was ended by somebody else", request.turn_id)
            case errors.AssistantError():
                logger.warning("turn %s failed: %s", request.turn_id, failure.code)
                await recorder.fail(failure)
            case None if run.cancelled() or recorder.has_ended:
                pass
            case None:
                await recorder.fail(errors.AssistantFailed())
            case DatabaseError():
                raise failure  # said where it is noticed, for all that it stops
            case _:
                logger.error("turn %s broke off and is tried again", request.turn_id, exc_info=failure)
                raise failure
    except errors.Fenced:
        logger.info("turn %s was ended by somebody else", request.turn_id)


async def _answer(recorder: Recorder) -> None:
    """Let the responder answer, again where that may help and nothing was shown."""
    try:
        async with asyncio.timeout(settings.CHAT_TURN_TIMEOUT_SECONDS):
            for tries_left in reversed(range(PROVIDER_TRIES)):
                try:
                    return await _responder().respond(recorder.request, recorder)
                except errors.AssistantError as error:
                    watching.try_failed(error)
                    if not error.retryable or not tries_left or recorder.has_shown_text:
                        raise
                    await asyncio.sleep(_backoff(PROVIDER_TRIES - tries_left, error.retry_after))
    except TimeoutError as error:
        raise errors.AssistantTimeout() from error


def _backoff(tries: int, retry_after: float | None) -> float:
    """Return seconds to wait before another try: doubling, with jitter, and at least what the provider asks for."""
    return max(retry_after or 0.0, float(2**tries) * random.uniform(0.25, 0.5))  # noqa: S311


def _responder() -> Responder:
    global _the_responder
    if _the_responder is None:
        _the_responder = import_string(settings.CHAT_RESPONDER)()
    return _the_responder


def _writer() -> LogWriter:
    return _writers.setdefault(asyncio.get_running_loop(), LogWriter())


_the_responder: Responder | None = None
_writers: dict[Any, LogWriter] = {}


async def prepare_responder() -> None:
    """Load the responder and let it get ready, so that the first turn need not wait for it."""
    await load(import_string, settings.CHAT_RESPONDER)
    await _responder().prepare()
    if (
        not gc.get_freeze_count()
    ):  # once: what is frozen is never collected, and a worker may start many times
        gc.freeze()  # what is loaded by now stays: the collector need not walk through it again and again
        gc.set_threshold(*LOOK_AFTER)


async def close_responder() -> None:
    """Let the responder go; the next turn makes a new one."""
    global _the_responder
    if _the_responder is not None:
        responder, _the_responder = _the_responder, None
        await responder.close()
