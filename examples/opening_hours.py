"""An assistant without a model: `CHAT_RESPONDER=examples.opening_hours.OpeningHours`."""

from __future__ import annotations

from conversations.responder import HistoryMessage, Step, TurnRecorder, TurnRequest

HOURS = {"monday": "closed", "tuesday": "10 to 18", "saturday": "10 to 14"}
UNKNOWN = "I only know our opening hours. Ask for a day, such as Tuesday."


class OpeningHours:
    """A Responder."""

    async def prepare(self) -> None:
        """Do nothing: there is nothing to open."""

    async def respond(self, request: TurnRequest, recorder: TurnRecorder) -> None:
        """Answer with the hours of the days that the customer names, a line at a time."""
        if request.steps:
            return  # an earlier attempt has answered
        asked = request.history[-1]
        words = asked.text.lower() if isinstance(asked, HistoryMessage) else ""
        lines = [f"{day.capitalize()}: {hours}.\n" for day, hours in HOURS.items() if day in words] or [
            UNKNOWN
        ]
        for line in lines:
            await recorder.text(line)
        await recorder.step(
            Step({"answered": True}, "".join(lines).strip(), final=True, model="opening hours")
        )

    async def close(self) -> None:
        """Do nothing: nothing is open."""
