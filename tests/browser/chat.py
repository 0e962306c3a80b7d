"""The chat as a person finds it: by what it shows and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

#: A reply that takes about 20 seconds, so that a test can do something in its middle, also on a slow machine.
LONG_REPLY = "Tell me a long story [practice: words=240, pace=80]"
#: One that is not over before a busy machine has stopped it.
ENDLESS_REPLY = "Tell me a story without an end [practice: words=1000, pace=80]"
SHORT_REPLY = "Show me my trip."
#: How long a reply may take, that goes on after a restart, too.
PATIENCE = 60_000


@dataclass
class Chat:
    page: Page

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Conversation")

    @property
    def answers(self) -> Locator:
        return self.log.locator(".prose")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    @property
    def rows(self) -> Locator:
        return self.page.locator(".rail__item:visible")

    def ask(self, text: str) -> None:
        """Send a message and return when it shows: what is seen of the reply from then on is of this one."""
        with self.sending():
            self.composer.fill(text)
            self.page.get_by_role("button", name="Send").click()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Go on when what is sent in it shows."""
        said = self.log.locator(".bubble")
        said.evaluate_all("all => { for (const each of all) each.dataset.isOld = ''; }")
        yield
        expect(self.log.locator(".bubble:not([data-is-old])")).not_to_have_count(0)

    def answer_text(self) -> str:
        """Return the words of the last answer. Unlike its inner text they are there before a frame is drawn."""
        return " ".join((self.answers.last.text_content() or "").split())

    def wait_for_growth(self) -> str:
        """Return the answer as soon as it is longer than it was."""
        expect(self.answers.last).to_contain_text(re.compile(r"\w+ \w+"))
        before = self.answer_text()
        expect(self.answers.last).not_to_have_text(before)
        return self.answer_text()

    def wait_for_end(self) -> str:
        """Return the last message's answer once nothing is being written any more.

        Only a whole answer can be judged. A message that was just sent has none: earlier ones don't count.
        """
        answered = self.log.locator(".turn").last.get_by_role("button", name="Good answer")
        expect(answered).to_be_visible(timeout=PATIENCE)
        expect(self.stop).to_have_count(0, timeout=PATIENCE)
        return self.answer_text()
