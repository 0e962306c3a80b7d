"""What a migration may not do to a table that people are using. Each sentence says what to do instead.

The rules are read off the SQL, statement by statement. A table that the same migration makes is nobody's yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_NAME = r'(?:"[^"]+"|\w+)'
_RULES = (
    (
        rf"create (?:unique )?index (?!concurrently)(?:if not exists )?{_NAME} on (?:only )?(?P<table>{_NAME})",
        "makes an index while writers wait: use AddIndexConcurrently in a migration of its own, with atomic = False",
    ),
    (
        rf"alter table (?P<table>{_NAME}) .*alter column {_NAME} type\b",
        "writes the whole table anew: add a column, fill it in batches, drop the old one in a later release",
    ),
    (
        rf"alter table (?P<table>{_NAME}) .*alter column {_NAME} set not null",
        "reads the whole table while everybody waits: add a NOT VALID check, validate it, then set NOT NULL",
    ),
    (
        rf"alter table (?P<table>{_NAME}) .*add column (?!.*default).*not null",
        "fails where there are rows: add the column with db_default, or nullable",
    ),
    (
        rf"alter table (?P<table>{_NAME}) .*add column .*default (?:now\(\)|clock_timestamp|gen_random|nextval)",
        "writes the whole table anew: add it nullable and fill it in batches",
    ),
    (
        rf"alter table (?P<table>{_NAME}) .*add constraint (?!.*not valid).*(?:check|foreign key|unique|primary key)",
        "reads the whole table while writers wait: add it NOT VALID (AddConstraintNotValid), then ValidateConstraint",
    ),
    (
        rf"alter table (?P<table>{_NAME}) (?:rename|drop column)",
        "breaks the version that still runs: stop using it in one release, drop it in the next",
    ),
    (
        rf"drop table (?:if exists )?(?P<table>{_NAME})",
        "breaks the version that still runs: drop it a release later",
    ),
    (
        rf"(?:vacuum full|cluster|lock table) (?P<table>{_NAME})",
        "takes the table from everybody",
    ),
)


def broken_rules(statements: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each statement of a migration that a busy table wouldn't bear."""
    new = set()
    for statement in statements:
        sql = " ".join(re.sub(r"--.*", "", statement).split())
        if made := re.match(rf"create table (?:if not exists )?({_NAME})", sql, re.I):
            new.add(_bare(made[1]))
        for pattern, sentence in _RULES:
            found = re.match(pattern, sql, re.I)
            if found and _bare(found["table"]) not in new:
                yield f"{sql[:120]}: {sentence}"


def _bare(name: str) -> str:
    return name.strip('"').lower()
