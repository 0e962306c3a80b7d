"""A running site as the outside sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import Person, guest, words
from tests.fixtures.site import Site


@pytest.fixture
def new_person(live_site: Site) -> Iterator[Callable[..., Person]]:
    """Make customers, guests all; on the shared site unless another one's address is given."""
    people: list[Person] = []

    def make(url: str = "") -> Person:
        people.append(guest(url or live_site.url))
        return people[-1]

    yield make
    for person in people:
        person.http.close()


@pytest.fixture
def maya(new_person: Callable[..., Person]) -> Person:
    """A customer who has said nothing yet."""
    return new_person()


@pytest.fixture
def mallory(new_person: Callable[..., Person]) -> Person:
    """Somebody else."""
    return new_person()


@pytest.fixture
def talk(maya: Person) -> dict[str, str]:
    """A conversation of maya's with one exchange."""
    answer = maya.ask(words("Hello", text="Hi"))
    return {
        "conversation": answer["conversation_id"],
        "message": answer["message_id"],
        "turn": answer["turn_id"],
        "approval": "apv_01936b1f-8d10-7c3a-9e55-0b6a1f2e3d4c",
    }


@pytest.fixture(scope="session")
def office(live_site: Site) -> Iterator[BackOffice]:
    """The staff's doors of the shared site."""
    office = BackOffice(live_site)
    yield office
    office.close()


@pytest.fixture
def make_office() -> Iterator[Callable[[Site], BackOffice]]:
    """Open the staff's doors of a site of one's own."""
    offices: list[BackOffice] = []

    def make(site: Site) -> BackOffice:
        offices.append(BackOffice(site))
        return offices[-1]

    yield make
    for office in offices:
        office.close()
