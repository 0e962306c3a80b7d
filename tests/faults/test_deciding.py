"""Many decide one question at once, through two servers and every door: one is heard, and it is done once."""

from __future__ import annotations

import random
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from tests.contract.backoffice import TAKE_OVER, BackOffice
from tests.contract.client import SECONDS, Json, Person, guest, words
from tests.contract.problems import check_problem
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import rounds
from tests.faults.test_same_send import at
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

CANCEL = "Please cancel my trip"
REFUND = "refund 80 € please, I waited for hours"
MAKE_STAFF = "User.objects.create_superuser(name, password=password).pk"
QUEUE_IT = "services.approvals.jobs.configure_task('conversations.run_turns').defer(conversation_id=id)"


PAST = {"approve": "approved", "decline": "declined"}


@dataclass(frozen=True)
class Asked:
    """A turn that waits, and what it waits for."""

    person: Person
    talk: str
    turn: str
    approval: str

    @property
    def path(self) -> str:
        return f"/conversations/{self.talk}/turns/{self.turn}/approvals/{self.approval}"

    def now(self) -> Json:
        return self.person.turn(self.talk, self.turn)

    def status(self) -> str:
        (approval,) = self.now()["approvals"]
        return str(approval["status"])

    def decide(self, person: Person, approve: bool, door: str = "json") -> httpx.Response:
        """Decide by the API, or by the card's button."""
        if door == "json":
            return person.http.post(self.path, json={"approve": approve})
        payload = {"turn_id": self.turn, "approval_id": self.approval, "approve": approve}
        card = self.approval.replace("apv_", "wdg_", 1)
        action = {"type": "approval.decide", "payload": payload}
        params = {"thread_id": self.talk, "item_id": card, "action": action}
        return person.http.post(
            f"{person.url}/chatkit", json={"type": "threads.custom_action", "params": params}
        )


def ask(person: Person, message: str) -> Asked:
    """Ask for something that needs a yes, and return what waits for it."""
    answer = person.send(words(message, preface="true", pace=5))
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting_approval"), answer.text
    talk, turn = answer.json()["conversation_id"], answer.json()["turn_id"]
    (approval,) = person.turn(talk, turn)["approvals"]
    return Asked(person, talk, turn, approval["id"])


def trip_is_cancelled(person: Person) -> bool:
    """Say whether the cancellation was done; done twice it would be noted twice."""
    customer = httpx.get(
        f"{person.url}/support/customer",
        headers={"Authorization": f"Bearer {person.access}"},
        timeout=SECONDS,
    ).json()["customer"]
    noted = [each["entry"] for each in customer["timeline"] if "cancelled" in each["entry"]]
    states = {each["status"] for each in customer["segments"]}
    assert (len(noted), states) in [(0, {"On time"}), (1, {"Cancelled"})]
    return bool(noted)


@pytest.fixture(scope="module")
def one(make_lasting_site: Callable[..., Site]) -> Site:
    return make_lasting_site().start()


@pytest.fixture(scope="module")
def other(make_lasting_site: Callable[..., Site]) -> Site:
    """A second server with its worker, on the same database, and without Redis between them."""
    return make_lasting_site().start()


@pytest.fixture(scope="module")
def office(one: Site) -> Iterator[BackOffice]:
    office = BackOffice(one)
    yield office
    office.close()


@pytest.mark.parametrize("number", rounds(short=2, full=40))
def test_the_customer_ten_times_at_once(one: Site, other: Site, chance: random.Random, number: int) -> None:
    asked = ask(guest(one.url), CANCEL)
    follower = Follower(asked.person, asked.talk, turns=2)
    people = [at(each, asked.person) for each in (one, other)]
    said = [(n % 2 == 0, ("json", "chatkit")[n // 2 % 2]) for n in range(10)]
    chance.shuffle(said)

    with ThreadPoolExecutor(10) as threads:
        heard = [
            (approve, threads.submit(asked.decide, chance.choice(people), approve, door))
            for approve, door in said
        ]
        answers = [(approve, each.result()) for approve, each in heard]

    [approved] = [approve for approve, answer in answers if answer.status_code == 200]
    for _, answer in answers:
        if answer.status_code != 200:
            assert check_problem(answer, 409, "conflict")["detail"].startswith("This was decided before")
    messages = follower.check()
    assert (asked.now()["status"], asked.status()) == ("completed", "approved" if approved else "refused")
    assert trip_is_cancelled(asked.person) is approved
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant"]


@pytest.mark.parametrize("number", rounds(short=1, full=20))
def test_the_staff_and_the_customer_at_once(
    one: Site, other: Site, office: BackOffice, database_of_both: Database, chance: random.Random, number: int
) -> None:
    """The staff's question, by two of them in the admin of two servers; the customer's word counts for nothing."""
    asked = ask(guest(one.url), REFUND)
    follower = Follower(asked.person, asked.talk, turns=2)
    desks = [Desk(site, office) for site in (one, other)]
    decisions = chance.choice([("approve", "decline"), ("approve", "approve"), ("decline", "approve")])

    with ThreadPoolExecutor(4) as threads:
        theirs = [threads.submit(asked.decide, asked.person, yes) for yes in (True, False)]
        pages = list(threads.map(Desk.decide, desks, [asked.approval] * 2, decisions))

    for answer in theirs:
        assert "staff must decide" in check_problem(answer.result(), 403, "forbidden")["detail"]
    late = ["was left as it is. This was decided before" in page for page in pages]
    assert sorted(late) == [False, True]
    won = late.index(False)
    assert f"You {PAST[decisions[won]]}" in pages[won]
    assert len(follower.check()) == 3
    approved = decisions[won] == "approve"
    assert (asked.now()["status"], asked.status()) == ("completed", "approved" if approved else "refused")
    assert refunds(database_of_both, asked.person) == ([80.0] if approved else [])


@pytest.fixture
def database_of_both(own_database: Database) -> Database:
    return own_database


def refunds(database: Database, person: Person) -> list[float]:
    query = (
        "select amount::float8 from agents_app_refund as refund join agents_app_profile as profile "
        "on profile.id = refund.profile_id where profile.user_id = %(user)s"
    )
    return [amount for (amount,) in database.rows(query, user=person.user_id)]


class Desk:
    """A browser of a member of the staff, signed in to the admin of one server."""

    def __init__(self, site: Site, office: BackOffice) -> None:
        name, password = f"staff-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        office(MAKE_STAFF, name=name, password=password)
        self._http = httpx.Client(base_url=site.url, timeout=SECONDS, follow_redirects=True)
        page = self._post("/admin/login/?next=/admin/", username=name, password=password)
        assert "Log out" in page, page

    def decide(self, approval: str, decision: str) -> str:
        """Press Approve or Decline on the question's page, and return the page that follows."""
        place = approval.replace("_", "_5F")
        return self._post(f"/admin/conversations/approval/{place}/decide/{decision}/")

    def _post(self, path: str, **fields: str) -> str:
        page = self._http.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        answer = self._http.post(path, data={"csrfmiddlewaretoken": token[1], **fields})
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.mark.parametrize("number", rounds(short=1, full=20))
@pytest.mark.parametrize("else_", ["message", "cancel", "delete", "take over"])
def test_a_yes_and_something_else_at_once(
    one: Site, other: Site, office: BackOffice, chance: random.Random, else_: str, number: int
) -> None:
    """Whoever is first: what was done was approved, and what was not done can't be any more."""
    asked = ask(guest(one.url), CANCEL)
    there = at(other, asked.person)
    acts: dict[str, Callable[[], object]] = {
        "message": lambda: there.send(words("Hello again", text="Hi"), asked.talk),
        "cancel": lambda: there.cancel(asked.talk, asked.turn),
        "delete": lambda: there.http.delete(f"/conversations/{asked.talk}"),
        "take over": lambda: office(TAKE_OVER, id=asked.talk),
    }

    with ThreadPoolExecutor(1) as threads:
        acting = threads.submit(acts[else_])
        threading.Event().wait(chance.uniform(0, 0.03))
        decided = asked.decide(asked.person, approve=True)
        acting.result()

    if else_ == "delete":
        assert decided.status_code in (200, 404)
        check_problem(asked.decide(asked.person, approve=True), 404, "not_found")
        trip_is_cancelled(asked.person)  # at most once
        return
    assert decided.status_code in (200, 409), decided.text
    if asked.now()["finished_at"] is None:
        asked.person.await_turn({"conversation_id": asked.talk, "turn_id": asked.turn})
    assert trip_is_cancelled(asked.person) is (asked.status() == "approved")
    outcomes = {"completed", "cancelled"} | ({"with_staff"} if else_ == "take over" else set())
    assert asked.now()["status"] in outcomes
    check_problem(asked.decide(asked.person, approve=True), 409, "conflict")


CLAIM = ("conversations_turn", "before update", "old.status = 'queued' and new.status = 'running'")
TWO_AT_IT = """
select from procrastinate_jobs where status = 'doing' and args ->> 'conversation_id' = %(id)s
having count(distinct worker_id) = 2
"""


def test_two_workers_resume_at_once(
    one: Site, other: Site, office: BackOffice, own_database: Database
) -> None:
    asked = ask(guest(one.url), CANCEL)
    follower = Follower(asked.person, asked.talk, turns=2)

    with own_database.gate(*CLAIM) as gate:
        assert asked.decide(asked.person, approve=True).status_code == 200
        gate.wait_for_somebody()
        for _ in range(8):
            office(QUEUE_IT, id=asked.talk)
        own_database.wait_for(TWO_AT_IT, id=asked.talk)
        gate.open()
    messages = follower.check()

    assert trip_is_cancelled(asked.person)
    assert (asked.now()["status"], asked.status(), len(messages)) == ("completed", "approved", 3)


def test_a_stored_state_that_cant_be_restored(one: Site, other: Site, own_database: Database) -> None:
    """The tool that was asked about is gone: nothing is done, and a retry asks for it anew."""
    asked = ask(guest(one.url), CANCEL)
    own_database.rows(
        "update conversations_turn set steps = replace(steps::text, 'cancel_trip', 'cancel_journey')::jsonb "
        "where id = %(turn)s returning id",
        turn=asked.turn,
    )

    assert asked.decide(asked.person, approve=True).status_code == 200
    turn = asked.person.await_turn({"conversation_id": asked.talk, "turn_id": asked.turn})

    assert (turn["status"], turn["error"]["code"]) == ("failed", "assistant_failed")
    assert (asked.status(), trip_is_cancelled(asked.person)) == ("expired", False)
    check_problem(asked.decide(asked.person, approve=False), 409, "conflict")
    retried = at(other, asked.person).retry(asked.talk, asked.turn)
    assert retried.status_code == 200
    with asked.person.following(asked.talk) as events:
        next(event for event in events if event.data.get("item", {}).get("type") == "widget")
    anew = Asked(asked.person, asked.talk, asked.turn, asked.now()["approvals"][-1]["id"])
    assert anew.approval != asked.approval
    assert anew.decide(at(other, asked.person), approve=True).status_code == 200
    done = asked.person.await_turn({"conversation_id": asked.talk, "turn_id": asked.turn})
    assert (done["status"], trip_is_cancelled(asked.person)) == ("completed", True)
