"""Where the site connects to: the provider, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.contract.client import Person, unique
from tests.contract.problems import check_problem
from tests.find_browser import ROOT
from tests.fixtures.loud_provider import LoudProvider
from tests.fixtures.site import Site

AUDITED = ROOT / "tests/fixtures/audited"


def test_nothing_is_told_to_anybody_but_the_provider(
    make_site: Callable[..., Site],
    loud_provider: LoudProvider,
    new_person: Callable[..., Person],
    tmp_path: Path,
) -> None:
    """OpenAI's SDK would send traces to OpenAI, with all that was said, unless it is told not to."""
    connections = tmp_path / "connections"
    site = make_site(
        **loud_provider.settings(), PYTHONPATH=str(AUDITED), CONNECTIONS=str(connections)
    ).start()
    nia = new_person(site.url)

    nia.ask(unique("Hello"))
    loud_provider.refuses = 401
    check_problem(nia.send(unique("Hello")), 502, "assistant_failed")
    site.stop()  # traces would be sent by now at the latest

    written = connections.read_text().splitlines()
    reached = {line for line in written if line.startswith("socket.connect") and "/.s.PGSQL." not in line}
    assert reached == {f"socket.connect (('127.0.0.1', {loud_provider.server_port}),)"}
    asked = {match[1] for line in written if (match := re.match(r"socket\.getaddrinfo \('([^']+)'", line))}
    assert asked <= {"127.0.0.1", "localhost"}
