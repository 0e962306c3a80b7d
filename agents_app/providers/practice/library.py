"""Questions about rules: when plain words ask for the articles, and how what they say is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from .prompt import Call
from .sentences import Clause

#: Asked of the articles however it is put: “pet policy, please”.
RULES = re.compile(
    r"\b(?:polic(?:y|ies)|rules?|allowances?|allowed|articles?|compensation|conditions|regulations|"
    r"fees?|permitted)\b",
    re.IGNORECASE,
)
_SUBJECTS = re.compile(
    r"\b(?:bags?|baggage|luggage|suitcases?|carry-?ons?|backpacks?|kg|kilos?|weights?|sizes?|liquids?|skis?|"
    r"surfboards?|bikes?|bicycles?|"
    r"golf|guitars?|instruments?|pets?|dogs?|cats?|animals?|puppy|infants?|baby|babies|child(?:ren)?|"
    r"kids?|strollers?|prams?|"
    r"unaccompanied|check-?in|check in|boarding|gate|seats?|legroom|window|aisle|exit row|meals?|"
    r"food|eat|drinks?|diets?|menu|"
    r"vegan|vegetarian|halal|kosher|gluten-free|allerg\w+|nuts?|wheelchair|assistance|mobility|"
    r"delay(?:s|ed)?|late|"
    r"cancel(?:s|led|lation\w*|ling)?|rebook\w*|chang(?:e|es|ing)|refunds?|money back|invoices?|"
    r"receipts?|pay(?:ment)?s?|"
    r"credit cards?|fares?|points|miles|club|loyalty|tiers?|silver|gold|platinum|status|lounges?|"
    r"upgrades?|wi-?fi|visas?|"
    r"passports?|id cards?|power bank\w*|batter(?:y|ies)|missed|connection|strikes?|vouchers?|insurance)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?P<mark>\[source:[a-z0-9-]+\]) (?P<title>.+)\n(?P<body>[\s\S]+?)(?=\n\n\[source:|\Z)", re.MULTILINE
)
_SEARCHED = ("What our articles say.", "No article fits.")
_MOST_CHARS, _MOST_TOLD = 300, 1200

DONT_KNOW = (
    "I don't know: none of our articles answers that. A colleague at the airport or on the phone can help, or try "
    "other words."
)


def pick_search(clauses: Sequence[Clause]) -> Iterator[Call]:
    """Yield the search for what is asked about in general."""
    asked = [clause.text for clause in clauses if _is_for_articles(clause)]
    if not asked and any(clause.kind == "asks" for clause in clauses):
        # “I lost my boarding pass. What now?”
        about = [clause.text for clause in clauses if clause.kind == "says" and _SUBJECTS.search(clause.text)]
        asked = about[:1]
    if asked:
        yield Call("search_articles", json.dumps({"query": " ".join(asked)[:_MOST_CHARS]}))


def _is_for_articles(clause: Clause) -> bool:
    if clause.kind in ("asks", "says") and RULES.search(clause.text):
        return True
    return clause.kind == "asks" and bool(_SUBJECTS.search(clause.text))


def is_search(output: str) -> bool:
    return output.startswith(_SEARCHED)


def tell(output: str) -> str:
    """Tell what a search returned, citing it; or that nobody knows."""
    found = _ARTICLE.search(output)
    if found is None:
        return DONT_KNOW
    first, _, rest = found["body"].strip()[:_MOST_TOLD].partition("\n\n")
    more = [f"- {other['title']} {other['mark']}" for other in list(_ARTICLE.finditer(output))[1:]]
    told = [
        f"**{found['title']}**",
        f"{first.replace(chr(10), ' ')} {found['mark']}",
        *([rest] if rest else []),
    ]
    return "\n\n".join([*told, *(["See also:\n\n" + "\n".join(more)] if more else [])])
