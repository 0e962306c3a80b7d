"""What a person takes home, and how they go: from outside, also while everything is under way."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import Person, close_code, words
from tests.contract.problems import check_problem, fields
from tests.fixtures.site import Site

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestOneConversation:
    def test_as_json(self, maya: Person, talk: dict[str, str]) -> None:
        file = maya.http.get(f"/conversations/{talk['conversation']}/export")

        assert file.headers["Content-Type"] == "application/json"
        assert file.headers["Content-Disposition"].startswith('attachment; filename="20')
        exported = file.json()
        assert exported["conversation"] == maya.conversation(talk["conversation"])
        for told, message in zip(exported["messages"], maya.messages(talk["conversation"]), strict=True):
            assert told.items() >= message.items()
        [turn] = exported["turns"]
        assert turn.items() >= maya.turn(talk["conversation"], talk["turn"]).items()

    def test_as_markdown(self, maya: Person, talk: dict[str, str]) -> None:
        maya.http.patch(f"/conversations/{talk['conversation']}", json={"title": "Größe"})

        file = maya.http.get(f"/conversations/{talk['conversation']}/export?format=markdown")

        assert file.headers["Content-Type"] == "text/markdown; charset=utf-8"
        named = file.headers["Content-Disposition"]
        assert 'Groe.md"; filename*=UTF-8' in named
        assert named.endswith("Gr%C3%B6%C3%9Fe.md")
        assert file.text.startswith("# Größe\n")
        assert file.text.endswith("\nEnd of the conversation.\n")
        assert "> Hi\n" in file.text

    @pytest.mark.parametrize("format", ["pdf", "", "JSON"])
    def test_of_a_kind_that_there_is_not(self, maya: Person, talk: dict[str, str], format: str) -> None:
        answer = maya.http.get(f"/conversations/{talk['conversation']}/export", params={"format": format})

        assert fields(answer) == ["format"]


class TestEverything:
    def test_is_one_zip(self, maya: Person, talk: dict[str, str]) -> None:
        headers = {"Authorization": f"Bearer {maya.access}"}
        params = {"name": "passport.png", "size": len(PNG), "mime_type": "image/png"}
        asked = {"type": "attachments.create", "params": params}
        announced = httpx.post(f"{maya.url}/chatkit", json=asked, headers=headers).json()
        httpx.put(announced["upload_descriptor"]["url"], content=PNG, headers=headers)

        answer = maya.http.get("/export")

        assert answer.headers["Content-Type"] == "application/zip"
        assert f'{maya.username}.zip"' in answer.headers["Content-Disposition"]
        with ZipFile(io.BytesIO(answer.content)) as files:
            assert files.testzip() is None
            account = json.loads(files.read("account.json"))
            assert account["id"] == maya.user_id
            [name] = [
                name for name in files.namelist() if name.endswith(".json") and "conversations/" in name
            ]
            assert json.loads(files.read(name))["conversation"]["id"] == talk["conversation"]
            [picture] = json.loads(files.read("attachments.json"))
            assert files.read(picture["file"]) == PNG

    def test_has_its_limit(self, maya: Person) -> None:
        answers = [maya.http.get("/export") for _ in range(11)]

        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        check_problem(answers[-1], 429, "rate_limited")


def erase(person: Person) -> httpx.Response:
    return httpx.delete(
        f"{person.url}/api/{person.user_id}", headers={"Authorization": f"Bearer {person.access}"}, timeout=60
    )


class TestErasure:
    def test_counts_and_afterwards_there_is_nobody(self, maya: Person, talk: dict[str, str]) -> None:
        erased = erase(maya)

        assert erased.status_code == 200
        assert erased.json().items() >= {"accounts": 1, "conversations": 1, "messages": 2, "turns": 1}.items()
        assert "Clear-Site-Data" not in erased.headers
        check_problem(erase(maya), 401, "not_authenticated")
        check_problem(maya.http.get("/conversations"), 401, "not_authenticated")
        refreshed = httpx.post(f"{maya.url}/api/auth/refresh", json={"refresh": maya.refresh})
        check_problem(refreshed, 401, "not_authenticated")
        with maya.socket("/ws/me/") as socket:
            assert close_code(socket) == 4401

    def test_ends_all_that_is_open(self, maya: Person) -> None:
        turn = maya.start(words("Story", words=2000, pace=20))
        id = turn["conversation_id"]
        with (
            ThreadPoolExecutor() as pool,
            maya.following(id) as events,
            maya.socket(f"/ws/conversations/{id}/") as talk,
            maya.socket("/ws/me/") as me,
        ):
            waiting = pool.submit(maya.send, "And then?", id)
            next(event for event in events if event.delta)

            assert erase(maya).status_code == 200

            list(events)  # ends
            assert (close_code(talk), close_code(me)) == (4404, 4401)
            assert waiting.result().status_code in (401, 404)

    def test_a_name_is_free_again_and_begins_with_nothing(self, live_site: Site) -> None:
        account = {"username": "phoenix", "password": "correct horse battery staple"}
        for _ in range(2):
            answer = httpx.post(f"{live_site.url}/api/auth/register", json=account)
            assert answer.status_code == 201
            person = Person(live_site.url, **answer.json())
            assert person.http.get("/conversations").json()["data"] == []
            person.ask(words("Hello", text="Hi"))
            assert erase(person).status_code == 200
            person.http.close()

    def test_while_much_is_sent_takes_all_of_it(
        self, new_person: Callable[..., Person], office: BackOffice
    ) -> None:
        for _ in range(3):
            person = new_person()
            first = person.ask(words("Hello", text="Hi"))["conversation_id"]

            with ThreadPoolExecutor(12) as pool:
                sends = [
                    pool.submit(person.send, words("Hello", text="Hi"), first if number % 3 else None)
                    for number in range(24)
                ]
                erased = [pool.submit(erase, person) for _ in range(2)]

            assert sorted(each.result().status_code for each in erased) == [200, 401]
            assert {each.result().status_code for each in sends} <= {200, 202, 401, 404}
            assert office(_REMAINS, id=person.user_id) == 0


_REMAINS: Any = (
    "User.objects.filter(pk=id).count() + models.Conversation.objects.filter(user_id=id).count()"
    " + models.Turn.objects.filter(user_id=id).count()"
)
