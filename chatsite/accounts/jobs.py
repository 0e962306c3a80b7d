"""What accounts leave behind is cleared every night: expired sessions and refresh tokens."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate.contrib.django import app

from conversations.threads import in_database


@app.periodic(cron="41 3 * * *")
@app.task(name="accounts.upkeep", queue="turns")
async def upkeep(timestamp: int) -> None:
    """Delete expired sessions and refresh tokens."""
    for command in ("clearsessions", "flushexpiredtokens"):
        await in_database(call_command, command)
