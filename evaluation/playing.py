"""Plays a case as a customer would: by HTTP, as a guest of his own."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2

from .cases import Case

SECONDS = 300.0
_UNFINISHED = ("queued", "running")


@dataclass
class Talk:
    """What came of one case."""

    case: Case
    conversation: str = ""
    replies: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


def play(url: str, case: Case) -> Talk:
    """Say a case's lines one after another, each when the one before it is answered."""
    talk, begun = Talk(case), time.monotonic()
    with httpx2.Client(base_url=url, timeout=SECONDS) as http:
        guest = http.post("/api/auth/guest").raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {guest['access']}"
        for line in case.say:
            _say(http, f"/api/{guest['user_id']}", talk, line)
    talk.seconds = time.monotonic() - begun
    return talk


def _say(http: httpx2.Client, root: str, talk: Talk, line: str) -> None:
    where = {"conversation_id": talk.conversation} if talk.conversation else {}
    body = {"message": line, "client_message_id": uuid.uuid4().hex, **where}
    answer = http.post(f"{root}/chat", json=body)
    talk.conversation = talk.conversation or answer.headers.get("X-Chat-Conversation", "")
    if answer.status_code == 202:
        told = answer.json()
        talk.conversation = told["conversation_id"]
        turn = _decide(http, f"{root}/conversations/{talk.conversation}/turns/{told['turn_id']}", talk.case)
        if turn == "waiting_approval":
            talk.replies.append("")
            return
        answer = http.post(f"{root}/chat", json={**body, "conversation_id": talk.conversation})
    if answer.status_code != 200:
        talk.failures.append(f"status {answer.status_code}: {answer.json().get('detail', '')}")
        return
    told = answer.json()
    talk.conversation = told["conversation_id"]
    talk.replies.append(told["response"] or "")
    talk.calls += told["tool_calls"]


def _decide(http: httpx2.Client, turn: str, case: Case) -> str:
    """Answer what the turn waits for, where the customer does; return how it stands at last."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        told = http.get(turn).raise_for_status().json()
        if told["status"] == "waiting_approval":
            mine = [
                a for a in told["approvals"] if a["status"] == "pending" and a["decided_by"] == "customer"
            ]
            if case.approve is None or not mine:
                return "waiting_approval"
            http.post(f"{turn}/approvals/{mine[0]['id']}", json={"approve": case.approve})
        elif told["status"] not in _UNFINISHED:
            return str(told["status"])
        time.sleep(0.1)
    return "timeout"
