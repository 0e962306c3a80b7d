"""kill -9 while a turn waits for a yes, and again as soon as the yes is there: done once, and told once."""

from __future__ import annotations

import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import guest, words
from tests.faults.database import Database
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

APPROVE = "services.decide_as_staff(staff=None, approval_id=id, approve=True).status"
DECIDED = ("conversations_toolcall", "before update", "new.status = 'completed'")


def test_a_refund_that_waits_for_the_staff(site: Site, database: Database) -> None:
    maya = guest(site.url)
    asked = maya.send(words("refund 80 € please, I waited for hours"))
    assert (asked.status_code, asked.json()["status"]) == (202, "waiting_approval"), asked.text
    talk, turn = asked.json()["conversation_id"], asked.json()["turn_id"]

    site.kill()
    site.start()

    (approval,) = maya.turn(talk, turn)["approvals"]
    assert (approval["status"], approval["decided_by"]) == ("pending", "staff")
    mine = maya.http.post(
        f"/conversations/{talk}/turns/{turn}/approvals/{approval['id']}", json={"approve": True}
    )
    assert mine.status_code == 403
    with database.gate(*DECIDED) as gate:
        office = BackOffice(site)
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
