"""kill -9 while a turn waits for a yes, and again as soon as the yes is there: done once, and told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import guest, words
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import some_of
from tests.faults.test_deciding import CANCEL, CLAIM, ask, trip_is_cancelled
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

APPROVE = "services.decide_as_staff(staff=None, approval_id=id, approve=True).status"
UPKEEP = "[services.prune_events(), services.delete_expired_conversations(), services.expire_overdue()]"
SIX_DAYS_PASS = """
with approvals as (
    update conversations_approval set created_at = created_at - interval '6 days',
        expires_at = expires_at - interval '6 days'
    where tool_call_id in (
        select call.id from conversations_toolcall as call join conversations_turn as turn on turn.id = turn_id
        where conversation_id = %(talk)s)
), events as (
    update conversations_event set created_at = created_at - interval '6 days' where conversation_id = %(talk)s
), turns as (
    update conversations_turn set queued_at = queued_at - interval '6 days', started_at = started_at - interval '6 days'
    where conversation_id = %(talk)s
)
update conversations_conversation set updated_at = updated_at - interval '6 days' where id = %(talk)s returning id
"""
DECIDED = ("conversations_toolcall", "before update", "new.status = 'completed'")


def test_a_refund_that_waits_for_the_staff(site: Site, database: Database) -> None:
    maya = guest(site.url)
    asked = maya.send(words("refund 80 € please, I waited for hours"))
    assert (asked.status_code, asked.json()["status"]) == (202, "waiting_approval"), asked.text
    talk, turn = asked.json()["conversation_id"], asked.json()["turn_id"]

    site.kill()
    database.rows(SIX_DAYS_PASS, talk=talk)
    site.start()

    (approval,) = maya.turn(talk, turn)["approvals"]
    assert (approval["status"], approval["decided_by"]) == ("pending", "staff")
    mine = maya.http.post(
        f"/conversations/{talk}/turns/{turn}/approvals/{approval['id']}", json={"approve": True}
    )
    assert mine.status_code == 403
    with database.gate(*DECIDED) as gate:
        office = BackOffice(site)
        assert office(UPKEEP)[-1] == 0
        assert office(APPROVE, id=approval["id"]) == "queued"
        office.close()
        gate.wait_for_somebody()
        site.kill()
        gate.turn_away()
        site.start()
    done = maya.await_turn(asked.json())

    assert done["status"] == "completed"
    assert [each["status"] for each in done["approvals"]] == ["approved"]
    query = (
        "select amount::float8 from agents_app_refund as refund join agents_app_profile as profile "
        "on profile.id = refund.profile_id where profile.user_id = %(user)s"
    )
    assert database.rows(query, user=maya.user_id) == [(80.0,)]
    replies = [message for message in maya.messages(talk) if message["role"] == "assistant"]
    assert len(replies) == 1
    assert "80.00" in replies[0]["content"]


# Where the server is between the customer's yes and the end of the turn: what the statement that is held up does.
MOMENTS = {
    "decision under way": ("conversations_approval", "before update", "new.status = 'approved'"),
    "decided, not resumed": CLAIM,
    "effect under way": DECIDED,
    "done, not told": ("conversations_turn", "before update", "new.status = 'completed'"),
}


@pytest.mark.parametrize("moment", some_of(MOMENTS, short=2))
def test_a_cancellation_whose_server_dies(site: Site, database: Database, moment: str) -> None:
    """What was decided stays decided; a decision that was lost with its server can be given again."""
    asked = ask(guest(site.url), CANCEL)
    follower = Follower(asked.person, asked.talk, turns=2)

    def decide() -> None:
        with suppress(httpx.TransportError):
            asked.decide(asked.person, approve=True)

    with database.gate(*MOMENTS[moment]) as gate, ThreadPoolExecutor(1) as threads:
        deciding = threads.submit(decide)
        gate.wait_for_somebody()
        site.kill()
        deciding.result()
        gate.turn_away()
        site.start()
    was_lost = moment == "decision under way"
    assert asked.status() == ("pending" if was_lost else "approved")
    again = asked.decide(asked.person, approve=True)

    assert again.status_code == (200 if was_lost else 409)
    messages = follower.check()
    assert (asked.now()["status"], trip_is_cancelled(asked.person)) == ("completed", True)
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant"]
