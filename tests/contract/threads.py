"""A thread loaded afresh, as ChatKit's clients do it."""

from __future__ import annotations

from tests.contract.client import Json, Person


def load(person: Person, conversation: str) -> tuple[int, list[Json]]:
    """Load a thread as ChatKit's clients do: its items, oldest first, and the seq they stand for."""
    asked = {"type": "threads.get_by_id", "params": {"thread_id": conversation}}
    answer = person.http.post(f"{person.url}/chatkit", json=asked)
    assert answer.status_code == 200, answer.text
    page, items = answer.json()["items"], []
    while True:
        items += page["data"]
        if not page["has_more"]:
            return int(answer.headers["X-Chat-Seq"]), items
        query = {"thread_id": conversation, "after": page["after"], "order": "asc", "limit": 100}
        page = person.http.post(f"{person.url}/chatkit", json={"type": "items.list", "params": query}).json()


def comparable(items: list[Json]) -> list[Json]:
    """Leave out what is not shown."""
    return [{name: value for name, value in item.items() if value not in (None, [], {})} for item in items]
