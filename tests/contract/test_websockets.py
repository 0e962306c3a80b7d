"""The two WebSockets: a conversation's events, and which of a user's conversations changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.typing import Origin, Subprotocol

from tests.contract.backoffice import ACCESS_TOKEN, PRUNE, BackOffice
from tests.contract.client import (
    PASSWORD,
    Person,
    close_code,
    frames,
    open_socket,
    register,
    take_until,
    unique,
    words,
)
from tests.fixtures.site import Site

Json = dict[str, Any]


def ends_turn(frame: Json) -> bool:
    return bool(frame["event"].get("stream_options") == {"allow_cancel": False})


def said(seen: list[Json]) -> str:
    return "".join(frame["event"].get("update", {}).get("delta", "") for frame in seen)


@pytest.fixture
def conversation(maya: Person) -> str:
    return str(maya.ask(words("Hello", text="Hi"))["conversation_id"])


@pytest.fixture(scope="module")
def cookies(live_site: Site) -> Iterator[tuple[str, Person]]:
    """Somebody signed in on the site's pages: the cookie, and who it is."""
    person = register(live_site.url)
    with httpx.Client(base_url=live_site.url, timeout=20) as browser:
        page = browser.get("/sign-in/").text
        [csrf, *_] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"username": person.username, "password": PASSWORD, "csrfmiddlewaretoken": csrf}
        assert browser.post("/sign-in/", data=form).status_code == 302
        yield f"sessionid={browser.cookies['sessionid']}", person
    person.http.close()


class TestTheConversations:
    def test_frames_are_the_events_with_their_seq_and_turn(self, maya: Person) -> None:
        turn = maya.start(words("Hello", text="Hi there"))
        with maya.socket(f"/ws/conversations/{turn['conversation_id']}/?after_seq=0") as socket:
            seen = list(take_until(frames(socket), ends_turn))

        assert all(set(frame) == {"seq", "turn_id", "event"} for frame in seen)
        assert [frame["seq"] for frame in seen] == list(range(1, len(seen) + 1))
        assert {frame["turn_id"] for frame in seen} == {turn["turn_id"]}
        assert said(seen) == "Hi there"
        logged = maya.events(turn["conversation_id"], 0, len(seen))
        assert [frame["event"] for frame in seen] == [event.data for event in logged]

    def test_frames_without_a_turn_say_so(self, maya: Person, conversation: str) -> None:
        with maya.socket(f"/ws/conversations/{conversation}/") as socket:
            maya.http.patch(f"/conversations/{conversation}", json={"title": "New"})
            frame = next(frames(socket))

        assert frame["turn_id"] is None
        assert frame["event"]["thread"]["title"] == "New"

    def test_two_sockets_see_the_same_of_several_turns(self, maya: Person, conversation: str) -> None:
        path = f"/ws/conversations/{conversation}/?after_seq=0"
        with maya.socket(path) as one, maya.socket(path) as other:
            turns = [maya.start(words(unique("Story"), words=20, pace=10), conversation) for _ in range(3)]

            def last(frame: Json) -> bool:
                return ends_turn(frame) and frame["turn_id"] == turns[-1]["turn_id"]

            seen = [list(take_until(frames(socket), last)) for socket in (one, other)]

        assert seen[0] == seen[1]
        assert [frame["seq"] for frame in seen[0]] == list(range(1, len(seen[0]) + 1))

    def test_resumes_without_a_gap_or_a_repeat(self, maya: Person) -> None:
        turn = maya.start(words(unique("Story"), words=100, pace=20))
        seen: list[Json] = []
        while not (seen and ends_turn(seen[-1])):
            after = seen[-1]["seq"] if seen else 0
            with maya.socket(f"/ws/conversations/{turn['conversation_id']}/?after_seq={after}") as socket:
                seen += [
                    frame for frame, _ in zip(take_until(frames(socket), ends_turn), range(7), strict=False)
                ]

        assert [frame["seq"] for frame in seen] == list(range(1, len(seen) + 1))
        assert said(seen) == maya.messages(turn["conversation_id"])[1]["content"]

    def test_without_after_seq_begins_with_the_running_turn(self, maya: Person, conversation: str) -> None:
        before = maya.snapshot_seq(conversation)
        turn = maya.start(words(unique("Story"), words=1000, pace=20), conversation)
        maya.await_text(turn)

        with maya.socket(f"/ws/conversations/{conversation}/") as socket:
            assert next(frames(socket))["seq"] == before + 1
        maya.cancel(conversation, turn["turn_id"])

    def test_what_a_client_says_is_ignored(self, maya: Person, conversation: str) -> None:
        with maya.socket(f"/ws/conversations/{conversation}/") as socket:
            for words_of_client in ("nonsense", "{}", b"\x00\xff"):
                socket.send(words_of_client)
            maya.http.patch(f"/conversations/{conversation}", json={"title": "New"})

            assert next(frames(socket))["event"]["type"] == "thread.updated"


class TestTheUsers:
    def test_says_which_conversation_changed(self, maya: Person, conversation: str) -> None:
        with maya.socket("/ws/me/") as socket:
            maya.ask(words("Again", text="Hi"), conversation)
            new = maya.ask(words("Another", text="Hi"))["conversation_id"]
            seqs = {conversation: maya.snapshot_seq(conversation), new: maya.snapshot_seq(new)}
            seen = list(
                take_until(
                    frames(socket),
                    lambda frame: frame["seq"] == seqs[new] and frame["conversation_id"] == new,
                )
            )

        assert all(set(frame) == {"type", "conversation_id", "seq"} for frame in seen)
        assert {frame["type"] for frame in seen} == {"conversation.changed"}
        for id, seq in seqs.items():
            own = [frame["seq"] for frame in seen if frame["conversation_id"] == id]
            assert own == sorted(own)
            assert own[-1] == seq

    def test_says_it_of_a_new_name_and_of_the_end(self, maya: Person, conversation: str) -> None:
        with maya.socket("/ws/me/") as socket:
            maya.http.patch(f"/conversations/{conversation}", json={"title": "New"})
            maya.http.delete(f"/conversations/{conversation}")

            assert [next(frames(socket))["conversation_id"] for _ in range(2)] == [conversation] * 2

    def test_says_nothing_of_others(self, maya: Person, mallory: Person) -> None:
        with mallory.socket("/ws/me/") as socket:
            maya.ask(words("Hello", text="Hi"))
            own = mallory.ask(words("Hello", text="Hi"))["conversation_id"]

            assert next(frames(socket))["conversation_id"] == own


@pytest.mark.parametrize("path", ["/ws/me/", "/ws/conversations/{conversation}/"])
class TestWhoMayOpen:
    def test_a_token_selects_the_protocol_beside_it(self, maya: Person, conversation: str, path: str) -> None:
        with maya.socket(path.format(conversation=conversation)) as socket:
            assert socket.subprotocol == "chat.v1"

    @pytest.mark.parametrize("token", [None, "nonsense", "a.b.c", "refresh", "expired"])
    def test_without_a_good_token_it_is_closed(
        self,
        live_site: Site,
        maya: Person,
        conversation: str,
        office: BackOffice,
        path: str,
        token: str | None,
    ) -> None:
        given = {"refresh": maya.refresh, "expired": office(ACCESS_TOKEN, id=maya.user_id, seconds=-1)}
        protocols = ["chat.v1"] + ([f"bearer.{given.get(token, token)}"] if token else [])
        url = path.format(conversation=conversation)

        with open_socket(
            live_site.url, url, subprotocols=[Subprotocol(each) for each in protocols]
        ) as socket:
            assert socket.subprotocol == "chat.v1"
            assert close_code(socket) == 4401

    def test_it_is_closed_when_the_token_expires(
        self, live_site: Site, maya: Person, conversation: str, office: BackOffice, path: str
    ) -> None:
        short = office(ACCESS_TOKEN, id=maya.user_id, seconds=2)
        protocols = [Subprotocol("chat.v1"), Subprotocol(f"bearer.{short}")]

        with open_socket(
            live_site.url, path.format(conversation=conversation), subprotocols=protocols
        ) as socket:
            assert close_code(socket) == 4401

    def test_a_session_with_the_sites_origin(
        self, live_site: Site, cookies: tuple[str, Person], path: str
    ) -> None:
        cookie, person = cookies
        own = person.ask(words("Hello", text="Hi"))["conversation_id"]
        with open_socket(
            live_site.url,
            path.format(conversation=own),
            origin=Origin(live_site.url),
            additional_headers={"Cookie": cookie},
        ) as socket:
            person.http.patch(f"/conversations/{own}", json={"title": "New"})

            assert next(frames(socket))
            assert socket.subprotocol is None

    @pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://localhost:1"])
    def test_a_session_with_another_origin(
        self, live_site: Site, cookies: tuple[str, Person], conversation: str, path: str, origin: str | None
    ) -> None:
        with open_socket(
            live_site.url,
            path.format(conversation=conversation),
            origin=None if origin is None else Origin(origin),
            additional_headers={"Cookie": cookies[0]},
        ) as socket:
            assert close_code(socket) == 4403

    def test_a_session_that_is_none(self, live_site: Site, conversation: str, path: str) -> None:
        with open_socket(
            live_site.url,
            path.format(conversation=conversation),
            origin=Origin(live_site.url),
            additional_headers={"Cookie": "sessionid=nonsense"},
        ) as socket:
            assert close_code(socket) == 4401


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        "id", ["conv_01936b1f-6c1c-7b7e-a1b5-2f1c0a4d9e10", "nonsense", "%00", "x" * 1000]
    )
    def test_an_unknown_conversation(self, maya: Person, id: str) -> None:
        with maya.socket(f"/ws/conversations/{id}/") as socket:
            assert close_code(socket) == 4404

    def test_somebody_elses_conversation(self, mallory: Person, conversation: str) -> None:
        with mallory.socket(f"/ws/conversations/{conversation}/?after_seq=0") as socket:
            assert close_code(socket) == 4404

    @pytest.mark.parametrize("after", ["100000", str(2**62), "9" * 30, "-1", "one", "%00"])
    def test_a_seq_that_the_log_does_not_hold_yet(self, maya: Person, conversation: str, after: str) -> None:
        with maya.socket(f"/ws/conversations/{conversation}/?after_seq={after}") as socket:
            assert close_code(socket) == 4410

    def test_a_seq_that_the_log_has_lost(self, maya: Person, conversation: str, office: BackOffice) -> None:
        office(PRUNE, id=conversation, seq=3)

        with maya.socket(f"/ws/conversations/{conversation}/?after_seq=1") as socket:
            assert close_code(socket) == 4410
        with maya.socket(f"/ws/conversations/{conversation}/?after_seq=3") as socket:
            assert next(frames(socket))["seq"] == 4

    @pytest.mark.parametrize("path", ["/ws/", "/ws/nothing/", "/nothing"])
    def test_another_address(self, maya: Person, live_site: Site, path: str) -> None:
        said_before = len(live_site.log)
        with maya.socket(path) as socket:
            assert close_code(socket) == 4404
        assert "Traceback" not in live_site.log[said_before:]


def test_effects_reach_who_asks_for_them_and_nobody_else(maya: Person, mallory: Person) -> None:
    call = {"name": "add_checked_bag", "arguments": {}}
    with (
        maya.socket("/ws/me/?effects") as asks,
        maya.socket("/ws/me/") as plain,
        mallory.socket("/ws/me/?effects") as other,
    ):
        answer = maya.http.post(
            f"{maya.url}/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200, answer.text
        effect = next(frames(asks))
        mine = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        theirs = mallory.ask(words("Hello", text="Hi"))["conversation_id"]

        assert (effect["type"], effect["conversation_id"]) == ("client_effect", None)
        assert effect["data"]["profile"]["bags_checked"] == 2
        assert next(frames(plain))["conversation_id"] == mine
        assert next(frames(other))["conversation_id"] == theirs
