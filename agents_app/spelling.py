"""How far one word is from another, as fingers slip."""

from __future__ import annotations

from collections.abc import Iterable

_LONG = 9


def find_meant(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was meant: the nearest one that begins alike; long words may have two slips."""
    near = [
        (slips, each)
        for each in known
        if each[:1] == word[:1] and (slips := count_slips(word, each)) is not None
    ]
    return min(near, default=(0, None))[1]


def count_slips(word: str, known: str) -> int | None:
    """Return how many letters are other, missing, too many or swapped; None where too many are."""
    most = 2 if len(known) >= _LONG else 1
    if abs(len(word) - len(known)) > most:
        return None
    before: list[int] = []
    row = list(range(len(known) + 1))
    for i, letter in enumerate(word, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(known, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == known[j - 2] and word[i - 2] == wanted:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return row[-1] if row[-1] <= most else None
