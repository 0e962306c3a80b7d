"""What the practice model says: it picks tools from plain words and answers with what they returned."""

from __future__ import annotations

import re
from itertools import cycle, islice, starmap

from .behaviour import Behaviour, remove_directives
from .colleagues import find_outputs, hand_back, introduce, pick_hand_over
from .library import is_search, tell
from .prompt import Call, Prompt, Reply, Said
from .sentences import read_clauses
from .strangers import explain, is_stranger
from .understanding import ASKS_FOR_HELP, ASKS_MEAL, ASKS_SEAT, ASKS_TO_BOOK, pick_calls

_GREETS = re.compile(r"^\W*(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening))\b", re.IGNORECASE)
_THANKS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|perfect|no),? )*(?:thanks?|thank you|thx|cheers)\b", re.IGNORECASE
)
_ASKS_MARKDOWN = re.compile(r"\b(markdown|table|code)\b", re.IGNORECASE)
_ASKS_PERSON = re.compile(
    r"\b(?:talk|speak|chat|write|connect|person|human)\b.*\b(?:person|human(?: being)?|agent|colleague|representative|"
    r"somebody (?:real|else)|someone (?:real|else))\b",
    re.IGNORECASE,
)

ABILITIES = """\
- **“Show my trip”**: I look up your booking and list your flights, seats and bags.
- **“Change my seat to 14C on LN 418”**: I move you to another seat.
- **“Add a checked bag”**: I put one more bag on your booking.
- **“I'd like a vegan meal”** or **“I need a wheelchair”**: I pass your wish on.
- **“Find flights to Lisbon”**: I show you flights to choose from.
- **“What are the baggage rules?”**: I look it up in our articles.
- **“Cancel my trip”**: I cancel it, and work out what you get back."""

GREETING = f"""\
Hello, and welcome aboard! I'm the **practice model**: a stand-in that answers without an API key, so that you \
can try everything here on your own machine. My words are canned, but the tools behind me are real: what I change \
is changed in the database.

Here is what I can do for you:

{ABILITIES}

To talk to a real model, set `OPENAI_API_KEY` or `GEMINI_API_KEY` and start again. What would you like to do first?"""

SHRUG = f"""\
You wrote: “{{quote}}”.

I'm the **practice model**, so I only understand plain requests in English, but I'm glad to help with these:

{ABILITIES}

A real model takes over as soon as `OPENAI_API_KEY` or `GEMINI_API_KEY` is set. Shall I show you your trip?"""

PICTURES = """\
Thank you, I got {count}. I'm the **practice model**, so I can't tell what is on it; a real model can. Is it somewhere \
that you would like to go? Say, for example: **Find flights to Lisbon**."""

MARKDOWN = """\
Here is a little of everything that an answer may hold:

| Flight | From | To | Seat |
|---|---|---|---|
| LN 418 | Berlin | Lisbon | 14C |
| LN 902 | Lisbon | Porto | 3A |

1. **Bold**, *italic*, ~~struck out~~ and `inline code`
2. A [link](https://example.com/linnet) and a list in a list:
   - window
   - aisle

```python
def seat_label(row: int, letter: str) -> str:
    return f"{row}{letter.upper()}"
```

> That is all for now."""

_NEED_SEAT = (
    "With pleasure. Which seat would you like, and on which flight? "
    "Tell me, for example: **change my seat to 14C on LN 418**."
)
_NEED_PLACE = (
    "Gladly. Where would you like to fly, and when? "
    "Tell me, for example: **Find flights to Lisbon**, or to Tokyo on 2027-03-01 in business."
)
_NEED_MEAL = (
    "Of course. Which meal would you like? "
    "Tell me, for example: **I'd like a vegetarian meal**, vegan, kosher or halal."
)
#: How a tool begins that showed a card: what is on it need not be said again.
_ON_A_CARD = "Shown to the customer on a card"
_NEED_HELP = (
    "I can tell the staff at the airport. What help would be good, and where? "
    "Tell me, for example: **I need a wheelchair at the gate**."
)
_PERSON = (
    "Of course. **Ask for a person**, above this conversation, calls a colleague; on a phone it is in the menu of your "
    "account. Until somebody joins, I am here."
)
_LEFT = "Understood: I leave everything as it is. Is there something else that I can do for your journey?"
_WELCOME = "You're welcome! I'm here whenever your journey needs something."
_FILLER = """\
the cabin lights are low and the engines hum while the clouds drift past your window and somebody a few rows ahead \
laughs at a film so lean back and enjoy the flight"""


def compose(prompt: Prompt, behaviour: Behaviour) -> Reply:
    """Return the answer to a request."""
    if (faulty := _compose_faulty(prompt, behaviour.fault)) is not None:
        return faulty
    if is_to_sum_up(prompt):
        return Reply(_sum_up(prompt))
    if is_to_judge(prompt):
        return Reply("injection" if "hypnosis" in prompt.question else "ok")
    if behaviour.text:
        return Reply(behaviour.text)
    outputs = find_outputs(prompt)
    calls = tuple(starmap(_make_call, behaviour.calls))
    if outputs and not calls:
        return Reply(_report(outputs, "you" if is_stranger(prompt) else "your journey"))
    calls = calls or tuple(_pick_calls(prompt))
    if not calls and (introduction := introduce(prompt)):
        return Reply(introduction)
    if calls:
        return Reply("Let me take care of that." if behaviour.preface else "", calls)
    if prompt.images and not behaviour.words:
        return Reply(
            PICTURES.format(count="a picture" if prompt.images == 1 else f"{prompt.images} pictures")
        )
    if behaviour.words:
        return Reply(make_filler(behaviour.words))
    return Reply(explain(prompt) if is_stranger(prompt) else _small_talk(remove_directives(prompt.question)))


def is_to_sum_up(prompt: Prompt) -> bool:
    """Say whether a conversation is to be summed up, rather than gone on with."""
    first = prompt.entries[0]
    return isinstance(first, Said) and first.role == "system" and first.text.startswith("You sum up")


def is_to_judge(prompt: Prompt) -> bool:
    """Say whether a message is to be judged, rather than answered."""
    first = prompt.entries[0]
    return isinstance(first, Said) and first.role == "system" and first.text.startswith("You judge messages")


def _sum_up(prompt: Prompt) -> str:
    """Note what the customer said first and last, as somebody in a hurry would."""
    said = [remove_directives(line[6:]) for line in prompt.question.splitlines() if line.startswith("User: ")]
    return (
        f"Notes of {len(said)} questions, from “{said[0]}” to “{said[-1]}”." if said else "Notes of nothing."
    )


def make_filler(words: int) -> str:
    """Return a text of so many words, in paragraphs."""
    chosen = list(islice(cycle(_FILLER.split()), words))
    paragraphs = (" ".join(chosen[start : start + 60]) for start in range(0, words, 60))
    return ".\n\n".join(text[:1].upper() + text[1:] for text in paragraphs) + "."


def _compose_faulty(prompt: Prompt, fault: str) -> Reply | None:
    match fault:
        case "empty":
            return Reply("")
        case "length":
            return Reply(make_filler(12).rstrip("."), finish="length")
        case "content_filter":
            return Reply("", finish="content_filter")
        case "refusal":
            return Reply(refusal="I can't help with that request.")
        case "unknown_tool":
            return Reply(calls=(Call("no_such_tool"),))
        case "broken_arguments":
            return Reply(calls=(Call(_any_tool(prompt), '{"seat": "14'),))
        case "loop":
            return Reply(calls=(Call(_any_tool(prompt)),))
        case "big":
            return Reply(" ".join(["linnet" * 666] * 250))
        case _:
            return None


def _any_tool(prompt: Prompt) -> str:
    return "show_my_trip" if "show_my_trip" in prompt.tools else min(prompt.tools, default="show_my_trip")


def _pick_calls(prompt: Prompt) -> list[Call]:
    """Return the calls that the words ask for; what this assistant can't do goes to the one who can do all."""
    clauses = read_clauses(remove_directives(prompt.question))
    hand_over = pick_hand_over(clauses)
    if hand_over and introduce(prompt):
        return []
    wanted = hand_over or pick_calls(clauses)
    offered = [call for call in wanted if call.name in prompt.tools]
    return offered or (list(hand_back(prompt.tools)) if wanted and not hand_over else [])


def _make_call(name: str, arguments: str, call_id: str) -> Call:
    return Call(name, arguments, call_id) if call_id else Call(name, arguments)


def _report(outputs: list[str], whom: str) -> str:
    """Answer with what the tools returned."""
    if all(output.startswith(_ON_A_CARD) for output in outputs):
        return "Here are the flights that I found. Choose one on the card, and it is booked for you."
    if all(map(is_search, outputs)):
        return "\n\n".join(map(tell, outputs))
    found = "\n\n".join(output for output in outputs if not output.startswith(_ON_A_CARD))
    return f"Here is what I found for you:\n\n{found}\n\nIs there anything else I can do for {whom}?"


def _small_talk(question: str) -> str:
    clauses = read_clauses(question)
    if clauses and all(clause.kind == "declines" for clause in clauses):
        return _LEFT
    if _THANKS.match(question):
        return _WELCOME
    if _ASKS_PERSON.search(question):
        return _PERSON
    if ASKS_FOR_HELP.search(question):
        return _NEED_HELP
    if ASKS_SEAT.search(question):
        return _NEED_SEAT
    if ASKS_TO_BOOK.search(question):
        return _NEED_PLACE
    if ASKS_MEAL.search(question):
        return _NEED_MEAL
    if _ASKS_MARKDOWN.search(question):
        return MARKDOWN
    if not question or _GREETS.match(question):
        return GREETING
    quote = " ".join(question.split())
    return SHRUG.format(quote=quote if len(quote) <= 200 else f"{quote[:200]}…")
