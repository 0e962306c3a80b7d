"""Questions about rules: when plain words ask for the articles, and how what they say is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .prompt import Call

_ASKS = re.compile(
    r"\b(?:polic(?:y|ies)|rules?|allowances?|allowed|articles?|compensation|pets?|dogs?|cats?|infants?|check-?in|"
    r"boarding pass|wi-?fi)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?P<mark>\[source:[a-z0-9-]+\]) (?P<title>.+)\n(?P<body>[\s\S]+?)(?=\n\n\[source:|\Z)", re.MULTILINE
)
_SEARCHED = ("What our articles say.", "No article fits.")

DONT_KNOW = (
    "I don't know: none of our articles answers that. A colleague at the airport or on the phone can help, or try "
    "other words."
)


def pick_search(question: str, tools: frozenset[str]) -> Iterator[Call]:
    """Yield the search that the words ask for, if the request offers it."""
    if "search_articles" in tools and _ASKS.search(question):
        yield Call("search_articles", json.dumps({"query": question[:300]}))


def is_search(output: str) -> bool:
    return output.startswith(_SEARCHED)


def tell(output: str) -> str:
    """Tell what a search returned, citing it; or that nobody knows."""
    found = _ARTICLE.search(output)
    if found is None:
        return DONT_KNOW
    first = found["body"].strip().split("\n\n", 1)[0].replace("\n", " ")
    more = [f"- {other['title']} {other['mark']}" for other in list(_ARTICLE.finditer(output))[1:]]
    told = f"**{found['title']}**\n\n{first} {found['mark']}"
    return "\n\n".join([told, *(["See also:\n\n" + "\n".join(more)] if more else [])])
