"""A yes or no that a turn waits for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from conversations import answers, services
from conversations.schemas import ApprovalIn, TurnOut

router = Router(tags=["Turns"])


@router.post(
    "/conversations/{conversation_id}/turns/{turn_id}/approvals/{approval_id}",
    response=TurnOut,
    summary="Decide an approval",
    operation_id="decideApproval",
    description="The turn then goes on. 403 when the staff must decide, 409 when it is decided or expired.",
    openapi_extra={"x-errors": ["conflict", "conversation_closed", "forbidden"]},
)
def decide_approval(
    request: HttpRequest, conversation_id: str, turn_id: str, approval_id: str, body: ApprovalIn
) -> dict[str, Any]:
    turn = services.decide_approval(
        user=request.auth,  # type: ignore[attr-defined]
        conversation_id=conversation_id,
        turn_id=turn_id,
        approval_id=approval_id,
        approve=body.approve,
        reason=body.reason,
    )
    return answers.turn_answer(turn)
