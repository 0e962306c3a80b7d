"""What a model says is checked before it is shown, however it is cut into pieces."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from agents_app.guardrails import named, references
from agents_app.guardrails.outgoing import _is_ordinary, make_check
from agents_app.screen import Screen

KNOWN = (
    "Booking **K7QX2M** for Maya, +49 30 5550 142. Write to help@linnet.example. My card? PLEASE. My account is "
    "DE89370400440532013000, my voucher save-2026-xkqz."
)
SECRET = "django-insecure-0123456789abcdef"
SOURCES = {"pets": {"type": "url", "title": "Pets", "url": "https://x/help/pets"}}


WORDS = (
    "the a I booking reference garden your is code golf alpha romeo don't ain't it's b c password Bearer senha token"
    " numero reserva Ihre Buchungsnummer lautet eyj aiza postgres xox six Anton Berta word ordinary seat flight is now"
    " called Nummer under confirmation orange bob dot jones at example point com arroba mail phone"
)


def pass_through(text: str, pieces: list[str] | None = None) -> tuple[str, Screen]:
    screen = Screen(SOURCES.get, make_check(secrets=[SECRET, ""], known=lambda: [KNOWN]))
    shown = [screen.feed(piece) for piece in (pieces or [text])]
    return "".join([*shown, screen.finish()]), screen


def cut(text: str, chance: random.Random) -> list[str]:
    places = sorted(chance.sample(range(1, len(text)), min(len(text) - 1, chance.randrange(1, 30))))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "You sit in **14C** on LN 418, booking K7QX2M. PLEASE be there at 11:45, LISBON is sunny.",
        "LN0418 costs EUR500 or 1,234.56 €, that is 12 345 678 points; write to help@linnet.example!",
        "| A | B |\n|---|---|\n| 1 | [link](https://example.com/a_b) |\n\n```python\nx = [s]\n```",
        "[so] [source] [source:] [sources:pets] a [s",
        "Seit 2023 Silber, 34.200 Punkte. Ça va? 日本語のテキスト、OK。 👩‍✈️",
        "I am A-OK. SKYTEAM? ey, sk, A. AI",
        "Your reservation on 3 Feb, booking at 1145, booking for 2 bags in 14C; the code is 20 Mar.",
        "Reservations 24 hours ahead; call +49 30 5550 142 at 8 a.m. Meet AT THE GATE. Booking K7Q-X2M.",
        "2026-12-05 07:25, LN 716, 163 €; 1.234.567 points; 3.000.000.000.000 stars; IBM 360 and BER 100.",
    ],
)
def test_ordinary_text_passes_unchanged_in_whatever_pieces(text: str) -> None:
    chance = random.Random(text)
    for _ in range(50):
        shown, screen = pass_through(text, cut(text, chance))

        assert (shown, screen.text, screen.finding) == (text, text, None)


@pytest.mark.parametrize(
    ("before", "forbidden", "kind"),
    [
        ("Your booking is ", "ZZ9PLU", "reference"),
        ("The other reference: ", "QWERTZ", "reference"),
        ("Bob writes from bob.jones", "@example.com", "email address"),
        ("The key is ", "sk-proj-abcdefghijklmnop1234", "secret"),
        ("It says django-insecure-", "0123456789abcdef", "secret"),
        ("It is at postgres", "://chat:hunter2@db/chat", "secret"),
        ("Token ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "secret"),
        ("His card is ", "4111 1111 1111 1111", "card number"),
        ("His card is ", "4111-1111-1111-1111", "card number"),
    ],
)
def test_what_may_not_leave_never_does_in_whatever_pieces(before: str, forbidden: str, kind: str) -> None:
    chance = random.Random(forbidden)
    for number in range(100):
        text = f"{before}{forbidden}" + (". And so on.", " and so on.", "")[number % 3]
        shown, screen = pass_through(text, cut(text, chance))

        assert screen.finding is not None
        assert screen.finding.kind == kind
        assert before.startswith(shown)


def test_nothing_follows_what_was_held_back() -> None:
    shown, screen = pass_through("", ["Fine. Booking ZZ9PLU", " of Bob", " and more."])

    assert shown == "Fine. Booking"
    assert screen.add("Sorry.") == "\n\nSorry."
    assert screen.text == "Fine. Booking\n\nSorry."


def test_marks_become_annotations_in_whatever_pieces() -> None:
    text = "👩‍✈️ Dogs fly [source:pets]. Cats too.[source:pets] No [source:unknown] end"
    chance = random.Random(7)
    for _ in range(100):
        shown, screen = pass_through(text, cut(text, chance))

        assert shown == "👩‍✈️ Dogs fly. Cats too. No end"
        assert [note["source"]["title"] for note in screen.annotations] == ["Pets", "Pets"]
        places: list[Any] = [note["index"] for note in screen.annotations]
        assert [_before(shown, place) for place in places] == ["👩‍✈️ Dogs fly", "👩‍✈️ Dogs fly. Cats too."]


def test_most_words_are_not_held() -> None:
    screen = Screen(SOURCES.get, make_check(secrets=[], known=list))

    assert [screen.feed(piece) for piece in ("Hello", ", Maya", "! What", " may I do")] == [
        *("Hello", ", Maya", "! What", " may I do"),
    ]


@pytest.mark.parametrize("text", ["a" * 200_000, "1" * 200_000, "1 " * 50_000, "A" * 200_000, "[" * 200_000])
def test_a_text_that_never_ends_costs_no_more_than_its_length(text: str) -> None:
    """Well under a second; the square of it would be minutes."""
    started = time.process_time()

    _, screen = pass_through(text, [text[at : at + 50] for at in range(0, len(text), 50)])

    assert time.process_time() - started < 10
    assert screen.text == text or screen.finding


def test_long_words_cost_no_more_than_their_length() -> None:
    """They come in one piece, and whoever else is answered waits meanwhile: it was half a minute."""
    text = " ".join(["linnet" * 666] * 100)
    started = time.process_time()

    shown, _ = pass_through(text)

    assert time.process_time() - started < 3
    assert shown == text


def _before(text: str, place: int) -> str:
    return text.encode("utf-16-le")[: 2 * place].decode("utf-16-le")


DISGUISED = """
Your booking is **QX7R2M**. | Booking: qx7r2m | booking reference Q X 7 R 2 M | Booking QX7-R2M | booking QX7 R2M
_QX7R2M_ | [here](https://x.example/?ref=QX7R2M)
booking QX\u200b7R2M | Booking ＱＸ７Ｒ２Ｍ | 予約番号はQX7R2Mです | 预订号QX7R2M。
booking 🅠🅧⑦Ⓡ②Ⓜ | your booking is аbсdеf
رقم الحجز QX7R2M | PNR ABCDEF | LN-123456 is his number | call Bob at +49 30 1234567 | bob.jones (at) example (dot) com
bob.jones AT example DOT com | BOB.JONES@EXAMPLE.COM | bob . jones @ example . com | [mail](mailto:bob@example.org)
**bob**@example.org | 4111-1111-1111-1111 | 4111.1111.1111.1111 | `4111111111111111` | SK-ABCDEFGHIJKLMNOP1234
DJANGO-INSECURE-0123456789ABCDEF | django-insecure- 0123456789 abcdef
d j a n g o - i n s e c u r e - 0 1 2 3 4 5 6 7 8 9 abcdef
ZGphbmdvLWluc2VjdXJlLTAxMjM0NTY3ODlhYmNkZWY= | fedcba9876543210-erucesni-ognajd
"""


def test_what_may_not_leave_is_known_in_other_dress_however_it_is_cut() -> None:
    chance = random.Random(7)
    said = [each.strip() for line in DISGUISED.strip().splitlines() for each in line.split(" | ")]

    through = []
    for each in said:
        text = f"So here: {each} and more of it."
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_through(text, pieces)
            if screen.finding is None or "and more" in shown:
                through.append((each, pieces))

    assert len(said) == 32
    assert through == []


def read_answers(kind: str) -> list[str]:
    text = Path(__file__).with_name("answers.txt").read_text(encoding="utf-8")
    section = text.split(f"\n## {kind}: ")[1].split("\n\n")[0]
    return section.splitlines()[1:]


def test_of_what_is_invented_no_character_is_shown_however_it_is_cut() -> None:
    chance = random.Random(7)
    said = read_answers("invented")

    through = []
    for each in said:
        before = each.split("^")[0]
        text = each.replace("^", "") + (". And more." if each.isascii() else "")
        words = [f" {word}" for word in text.split(" ")]
        words[0] = words[0][1:]
        for pieces in ([text], list(text), words, *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_through(text, pieces)
            if screen.finding is None or not before.startswith(shown):
                through.append((each, shown, pieces))

    assert len(said) > 45
    assert through == []


def test_no_disguise_hides_what_is_invented_or_secret() -> None:
    chance = random.Random(7)
    said = [line.replace("\\n", "\n").replace("\\u200b", "\u200b") for line in read_answers("disguised")]
    marks = " \"'*_`~<>b&"

    through = []
    for each in said:
        before = each.split("^")[0].rstrip(marks)
        text = each.replace("^", "") + ". And more of it."
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(4))):
            shown, screen = pass_through(text, pieces)
            if screen.finding is None or not before.startswith(shown.rstrip(marks)):
                through.append((each, shown, pieces))

    assert len(said) > 80
    assert through == []


def test_what_an_airline_says_every_day_passes_however_it_is_cut() -> None:
    chance = random.Random(7)
    for line in read_answers("harmless"):
        text = line.replace("\\n", "\n")
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(4))):
            shown, screen = pass_through(text, pieces)

            assert screen.finding is None, (screen.finding.kind, shown[-60:], text)
            assert shown == text


def test_what_was_said_may_be_said_again_in_any_form() -> None:
    forms = (
        "K7QX2M",
        "k7qx2m",
        "K7Q-X2M",
        "K 7 Q X 2 M",
        "M2XQ7K",
        "X7DK2Z",
        "SzdRWDJN",
        "4b375158324d",
    )
    for form in forms:
        text = f"Your booking reference is {form}. Well then."

        shown, screen = pass_through(text)

        assert (shown, screen.finding) == (text, None), form


def test_nothing_is_carried_off_by_a_picture_or_a_question_however_it_is_cut() -> None:
    chance = random.Random(7)
    for text in read_answers("carried off"):
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_through(text, pieces)

            assert screen.finding is not None, pieces
            assert screen.finding.kind == "foreign address"
            assert "evil" not in shown


def pass_beside_picture(pieces: list[str]) -> tuple[str, Screen]:
    screen: Screen = Screen(
        SOURCES.get, make_check(secrets=[SECRET], known=lambda: [KNOWN], shown=lambda: screen.text)
    )
    shown = [screen.feed(piece) for piece in pieces]
    return "".join([*shown, screen.finish()]), screen


def test_what_is_said_to_be_from_a_picture_passes_however_it_is_cut() -> None:
    chance = random.Random(7)
    said = [line.replace("\\n", "\n") for line in read_answers("from a picture")]

    for text in said:
        assert pass_through(text)[1].finding is not None, text
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_beside_picture(pieces)

            assert (shown, screen.finding) == (text, None), pieces
    assert len(said) > 25


def test_a_picture_excuses_nothing_else_however_it_is_cut() -> None:
    chance = random.Random(7)
    said = read_answers("beside a picture")

    for each in said:
        before, text = each.split("^")[0], each.replace("^", "")
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_beside_picture(pieces)

            assert screen.finding is not None, pieces
            assert before.startswith(shown), pieces
    assert len(said) > 20


def test_what_waits_for_its_sentence_waits_no_longer_than_a_sentence() -> None:
    text = "I have QX7R2M here" + " and words" * 100

    shown, screen = pass_beside_picture([f"{word} " for word in text.split()])

    assert (shown, screen.finding is None) == ("I have", False)


def test_nobody_is_reached_of_whom_nobody_spoke_however_it_is_cut() -> None:
    chance = random.Random(7)
    said = read_answers("reached")

    for each in said:
        before, text = each.split("^")[0], each.replace("^", "")
        for pieces in ([text], list(text), re.split(r"(?= )", text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_through(f"{text}. More.", [*pieces, ". More."])

            assert screen.finding is not None, pieces
            assert screen.finding.kind in ("email address", "phone number"), pieces
            assert before.startswith(shown), pieces
    assert len(said) > 25


def test_what_is_ordinary_has_nothing_that_could_be_found() -> None:
    """A shortcut: it must never skip what the whole check finds."""
    words = WORDS.split()
    signs = (" ", " ", ", ", ". ", "\n", ": ", "! ", "", "'", "? ")
    chance = random.Random(5)
    check = make_check(secrets=[SECRET], known=list)

    skipped = 0
    for _ in range(3000):
        text = "".join(chance.choice(words) + chance.choice(signs) for _ in range(chance.randint(1, 14)))
        if _is_ordinary(text):
            skipped += 1
            assert check(f"{text} §", chance.randint(0, len(text))) is None, text

    assert skipped > 300
    assert all(any(sign in label for sign in named.SIGNS) for label in references.LATIN_LABELS)


def test_innocent_words_pass_where_references_are_spoken_of() -> None:
    chance = random.Random(7)
    for text in read_answers("innocent"):
        for pieces in ([text], list(text), *(cut(text, chance) for _ in range(5))):
            shown, screen = pass_through(text, pieces)

            assert screen.finding is None, (text, shown)
            assert shown == text
