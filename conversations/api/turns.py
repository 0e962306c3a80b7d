"""A turn: where it stands, stopping it, trying again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from conversations import answers, services
from conversations.schemas import TurnOut

router = Router(tags=["Turns"])


@router.get(
    "/conversations/{conversation_id}/turns/{turn_id}",
    response=TurnOut,
    summary="Get a turn",
    operation_id="getTurn",
)
def get_turn(request: HttpRequest, conversation_id: str, turn_id: str) -> dict[str, Any]:
    conversation = services.get_conversation(user=request.auth, id=conversation_id)  # type: ignore[attr-defined]
    return answers.turn_answer(services.get_turn(conversation=conversation, turn_id=turn_id))


@router.post(
    "/conversations/{conversation_id}/turns/{turn_id}/cancel",
    response=TurnOut,
    summary="Stop a turn",
    operation_id="cancelTurn",
    description="Keeps the text so far. A turn that has ended stays as it is.",
)
def cancel_turn(request: HttpRequest, conversation_id: str, turn_id: str) -> dict[str, Any]:
    user = request.auth  # type: ignore[attr-defined]
    turn = services.cancel_turn(user=user, conversation_id=conversation_id, turn_id=turn_id)
    return answers.turn_answer(turn)


@router.post(
    "/conversations/{conversation_id}/turns/{turn_id}/retry",
    response=TurnOut,
    summary="Try a turn again",
    operation_id="retryTurn",
    description=(
        "For a conversation's last turn, when it failed or was cancelled. Completed tool steps are kept, unfinished "
        "text is dropped."
    ),
    openapi_extra={"x-errors": ["conflict", "conversation_closed", "rate_limited"]},
)
def retry_turn(request: HttpRequest, conversation_id: str, turn_id: str) -> dict[str, Any]:
    user = request.auth  # type: ignore[attr-defined]
    turn = services.retry_turn(user=user, conversation_id=conversation_id, turn_id=turn_id)
    return answers.turn_answer(turn)
