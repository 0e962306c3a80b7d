"""The site's own code in a process of its own, on the data of a running site: for what no door offers.

Reads one JSON line `{"code", "values"}`, evaluates the expression and writes its value as one JSON line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.find_browser import ROOT
from tests.fixtures.site import Site

SET_STATUS = "services.set_status(staff=None, conversation_id=id, status=status).status"
TAKE_OVER = "services.take_over(staff=None, conversation_id=id).handled_by"
HAND_BACK = "services.hand_back(staff=None, conversation_id=id).handled_by"
PRUNE = "models.Event.objects.filter(conversation_id=id, seq__lte=seq).delete()[0]"
# One that lives for so many seconds.
ACCESS_TOKEN = (
    "[token := tokens.jwt.RefreshToken(tokens.issue(User.objects.get(pk=id)).refresh).access_token,"
    " token.set_exp(lifetime=datetime.timedelta(seconds=seconds)), str(token)][2]"
)


class BackOffice:
    """`office("services.close(id=id)", id=…)` runs in the site's own code."""

    def __init__(self, site: Site) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.backoffice"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATA_DIR": str(site.data_dir),
                "PORT": str(site.port),
                "DJANGO_SETTINGS_MODULE": "chatsite.settings",
                **site.environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, code: str, **values: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the back office ended"
        return json.loads(line)

    def close(self) -> None:
        self._process.communicate(timeout=30)


def serve() -> None:
    """Answer until nobody asks any more."""
    import django

    django.setup()

    import datetime

    from django.db import connection, transaction

    from chatsite.accounts import tokens
    from chatsite.accounts.models import User
    from conversations import models, services
    from conversations.services import locking

    def append_events(id: str, payloads: list[dict[str, Any]]) -> int:
        with transaction.atomic():
            return locking.log(locking.lock_conversation(id=id), None, payloads)[-1].seq

    names = {
        "append_events": append_events,
        "connection": connection,
        "datetime": datetime,
        "models": models,
        "services": services,
        "tokens": tokens,
        "User": User,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        value = eval(asked["code"], {**names, **asked["values"]})
        print(json.dumps(value, default=str), flush=True)


if __name__ == "__main__":
    serve()
