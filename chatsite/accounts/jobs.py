"""What accounts leave behind is cleared every night: expired sessions and refresh tokens."""

from __future__ import annotations

from channels.db import database_sync_to_async
from django.core.management import call_command
from procrastinate.contrib.django import app


@app.periodic(cron="41 3 * * *")
@app.task(name="accounts.upkeep", queue="turns")
async def upkeep(timestamp: int) -> None:
    """Delete expired sessions and refresh tokens."""
    for command in ("clearsessions", "flushexpiredtokens"):
        await database_sync_to_async(call_command)(command)
