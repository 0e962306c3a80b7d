"""Every door through the proxy, with the configuration that is shipped."""

from __future__ import annotations

import json
import re
import threading
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from deploy.local import Cluster
from tests.contract.client import (
    Person,
    close_code,
    frames,
    guest,
    open_socket,
    read_events,
    take_until,
    words,
)
from tests.contract.problems import check_problem
from tests.deployment.conftest import NAMED_PAGE, SIGN_INS_A_MINUTE

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def maya(cluster: Cluster) -> Person:
    return guest(cluster.url)


def test_requests_of_one_conversation_go_to_both_servers(cluster: Cluster, maya: Person) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]

    for number in range(10):
        assert maya.ask(words(f"Hello {number}", text="Hi"), conversation)["response"] == "Hi"
        assert maya.conversation(conversation)["id"] == conversation

    assert [message["sequence"] for message in maya.messages(conversation)] == list(range(22))
    await_line(cluster, f"/conversations/{conversation}/messages")
    lines = [line for line in cluster.proxy.log.splitlines() if f"/conversations/{conversation}" in line]
    assert {re.search(r"web/(web\d)", line)[1] for line in lines} == {"web1", "web2"}  # type: ignore[index]


def test_a_stream_comes_piece_by_piece(maya: Person) -> None:
    with maya.streamed(words("Tell me", words=1000, pace=20)) as answer:
        where = answer.headers["X-Chat-Conversation"], answer.headers["X-Chat-Turn"]
        pieces = (event for event in read_events(answer) if event.delta)
        for _ in range(10):
            next(pieces)
        then = maya.turn(*where)
        maya.cancel(*where)

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert then["status"] == "running"


def test_a_conversation_is_followed_where_it_is_not_answered(maya: Person) -> None:
    started = maya.start(words("Tell me", words=30, pace=10))
    with maya.following(started["conversation_id"], after=0) as events:
        seen = list(take_until(events, lambda event: event.ends_turn))

    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))


def test_a_websocket_goes_through(maya: Person) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    seq = maya.snapshot_seq(conversation)
    with maya.socket(f"/ws/conversations/{conversation}/?after_seq={seq}") as socket:
        maya.start(words("Again", words=10, pace=30), conversation)
        seen = list(take_until(frames(socket), lambda frame: _ends_turn(frame["event"])))

    assert socket.subprotocol == "chat.v1"
    assert [frame["seq"] for frame in seen] == list(range(seq + 1, seq + 1 + len(seen)))


def test_a_stranger_hears_why_the_websocket_closes(cluster: Cluster) -> None:
    with open_socket(cluster.url, "/ws/me/") as socket:
        assert close_code(socket) == 4401


def test_the_chatkit_door_streams(cluster: Cluster, maya: Person) -> None:
    content = [{"type": "input_text", "text": words("Hello", text="Hi from ChatKit")}]
    request = {
        "type": "threads.create",
        "params": {"input": {"content": content, "attachments": [], "inference_options": {}}},
        "metadata": {},
    }

    with maya.http.stream("POST", f"{cluster.url}/chatkit", json=request) as answer:
        body = "".join(answer.iter_text())

    assert answer.status_code == 200
    assert "thread.created" in body
    assert "Hi from ChatKit" in body


def test_a_request_has_one_name_in_the_proxy_the_site_and_the_answer(cluster: Cluster, maya: Person) -> None:
    named = maya.http.get("/conversations/unknown", headers={"X-Request-ID": "complaint-77"})
    unnamed = maya.http.get("/conversations/unknown")

    check_problem(named, 404, "not_found")
    assert named.headers["X-Request-ID"] == named.json()["request_id"] == "complaint-77"
    assert unnamed.headers["X-Request-ID"] == unnamed.json()["request_id"]
    for answer in (named, unnamed):
        await_line(cluster, f"{{{answer.headers['X-Request-ID']}}} GET")


def test_the_proxys_log_holds_nobodys_words(cluster: Cluster, maya: Person) -> None:
    maya.http.get("/nothing", params={"q": "a-private-word"})

    await_line(cluster, f"/{maya.user_id}/nothing")
    assert "a-private-word" not in cluster.proxy.log


def test_a_huge_body_is_refused_at_its_beginning(cluster: Cluster) -> None:
    connection = HTTPConnection("localhost", cluster.port, timeout=20)
    connection.putrequest("POST", "/api/someone/chat")
    connection.putheader("Content-Length", "30000000")
    connection.endheaders()
    connection.send(b"x" * 65_536)

    with closing(connection), connection.getresponse() as refused:
        problem = json.load(refused)

    assert refused.status == problem["status"] == 413
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "too_large"
    assert problem["request_id"] == refused.headers["X-Request-ID"]


def test_a_long_message_passes(maya: Person) -> None:
    text = "long " * 6000

    answer = maya.ask(words(text, text="Hi"))

    assert answer["response"] == "Hi"


def test_addresses_are_counted_as_the_proxy_saw_them(cluster: Cluster) -> None:
    first, second = client_at("127.0.0.2"), client_at("127.0.0.3")
    statuses = [become_guest(first, cluster.url, n) for n in range(SIGN_INS_A_MINUTE)]

    # However many addresses a client claims to have passed.
    assert set(statuses) == {201}
    assert become_guest(first, cluster.url, 200) == 429
    assert become_guest(second, cluster.url, 1) == 201


def test_a_stranger_past_the_proxy_is_not_believed(cluster: Cluster) -> None:
    stranger = client_at("127.0.0.4")
    server = cluster.server_url(cluster.servers[0])
    statuses = [become_guest(stranger, server, n) for n in range(SIGN_INS_A_MINUTE + 1)]

    assert statuses[-1] == 429


def test_a_foreign_page_is_let_in_only_where_it_is_named(cluster: Cluster) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    named = httpx.options(f"{cluster.url}/api/someone/chat", headers={"Origin": NAMED_PAGE, **asked})
    other = httpx.options(
        f"{cluster.url}/api/someone/chat", headers={"Origin": "https://evil.example", **asked}
    )

    assert named.status_code == 200
    assert named.headers["Access-Control-Allow-Origin"] == NAMED_PAGE
    assert "authorization" in named.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in other.headers


def client_at(address: str) -> httpx.Client:
    """A client with an address of its own."""
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=20)


def become_guest(client: httpx.Client, url: str, number: int) -> int:
    """Become a guest, and claim to come from elsewhere."""
    claimed = f"203.0.113.{number}, 198.51.100.7"
    return client.post(
        f"{url.replace('localhost', '127.0.0.1')}/api/auth/guest", headers={"X-Forwarded-For": claimed}
    ).status_code


def await_line(cluster: Cluster, words: str) -> None:
    """Return when the proxy has logged the words: it does so after its answer."""
    for _ in range(400):
        if words in cluster.proxy.log:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"the proxy does not log {words!r}:\n{cluster.proxy.log[-3000:]}")


def _ends_turn(event: dict[str, object]) -> bool:
    return event == {"type": "stream_options", "stream_options": {"allow_cancel": False}}
