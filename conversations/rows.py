"""Rows of a model, read and written by statements that are built once.

The ORM builds each statement anew, at four times the price; on a turn's path that was most of what the database cost
(docs/decisions/0023-speed-of-a-turn.md). What comes and goes are ordinary model instances. Not for related rows,
defaults in Python or signals: there are none on that path.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import JSONField, Model
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=Model)
N = TypeVar("N", bound=Model)


class Write(NamedTuple):
    """A row to write along with others, in one statement: SQL that may stand in a WITH, and its parameters."""

    statement: str
    parameters: list[Any]


def select(model: type[M], where: str, parameters: Sequence[Any]) -> list[M]:
    """Return the rows that `where` keeps: SQL behind WHERE, with the parameters' places as %s."""
    table = _table(model)
    found = run(f"{table.select} where {where}", parameters)
    return [model.from_db(DEFAULT_DB_ALIAS, table.names, table.read(row)) for row in found]


def select_both(one: type[M], other: type[N], where: str, parameters: Sequence[Any]) -> list[tuple[M, N]]:
    """Return rows of two models that belong together; in `where` their tables have their own names."""
    left, right = _table(one), _table(other)
    return [
        (
            one.from_db(DEFAULT_DB_ALIAS, left.names, left.read(row[: len(left.names)])),
            other.from_db(DEFAULT_DB_ALIAS, right.names, right.read(row[len(left.names) :])),
        )
        for row in run(_select_both(left, right, where), parameters)
    ]


def first(model: type[M], where: str, parameters: Sequence[Any]) -> M | None:
    """Return the first of the rows, or None."""
    found = select(model, f"{where} limit 1", parameters)
    return found[0] if found else None


def insert(instance: Model) -> None:
    """Store a new row; its key comes back, what else the database fills in stays there."""
    table = _table(type(instance))
    write = inserting(instance)
    [(key,)] = run(f"{write.statement} returning {table.key}", write.parameters)
    setattr(instance, table.key, key)


def inserting(instance: Model) -> Write:
    """Return how to store a new row, which counts as stored from now on. A key of the database's stays there."""
    table = _table(type(instance))
    given = {
        name: value
        for name, value in zip(table.names, table.write(instance), strict=True)
        if not isinstance(value, DatabaseDefault) and (value is not None or name != table.key)
    }
    instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
    return Write(_insert(table.name, tuple(given)), list(given.values()))


def update(instance: Model, *names: str) -> None:
    """Store some columns of a row again."""
    execute([updating(instance, *names)])


def updating(instance: Model, *names: str) -> Write:
    """Return how to store some columns of a row again."""
    table = _table(type(instance))
    values = [table.value(instance, name) for name in names]
    return Write(_update(table.name, table.key, names), [*values, instance.pk])


def execute(writes: Iterable[Write]) -> None:
    """Write one after another."""
    for write in writes:
        run(*write)


def columns(instance: Model, *names: str) -> dict[str, Any]:
    """Return columns as a statement takes them."""
    table = _table(type(instance))
    return {name: table.value(instance, name) for name in names}


def run(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement on a cursor that its thread keeps, and return its rows, if it has any.

    Django makes a cursor for each statement and wraps it twice, which takes longer than to send it. Where somebody
    listens to what is asked (`execute_wrapper`, the log of queries), it is asked in Django's way.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged:
        with database.cursor() as watched:
            return _execute(watched, statement, parameters)
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        cursor = _kept.cursor
        if cursor is None or cursor.connection is not database.connection:
            cursor = _kept.cursor = database.create_cursor()
        return _execute(cursor, statement, parameters)


def _execute(cursor: Any, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    cursor.execute(statement, parameters)
    return [] if cursor.rownumber is None else cursor.fetchall()


class _Kept(threading.local):
    cursor: Any = None


_kept = _Kept()


class _Table:
    """What is known of a model's table once and for all. Columns have the names of their attributes."""

    def __init__(self, model: type[Model]) -> None:
        fields = model._meta.concrete_fields
        self.name = model._meta.db_table
        self.key = model._meta.pk.attname
        self.names = [field.attname for field in fields]
        self.select = f"select {', '.join(self.names)} from {self.name}"  # noqa: S608 - names of our own
        self._json = {field.attname: field for field in fields if isinstance(field, JSONField)}
        self._json_places: list[tuple[int, Any]] = [
            (self.names.index(name), field) for name, field in self._json.items()
        ]

    def read(self, row: tuple[Any, ...]) -> Sequence[Any]:
        if not self._json_places:
            return row
        values = list(row)
        for place, field in self._json_places:
            values[place] = field.from_db_value(values[place], None, connection)
        return values

    def write(self, instance: Model) -> list[Any]:
        return [self.value(instance, name) for name in self.names]

    def value(self, instance: Model, name: str) -> Any:
        value = getattr(instance, name)
        if name in self._json and value is not None:
            return connection.ops.adapt_json_value(value, self._json[name].encoder)
        return value


@cache
def _table(model: type[Model]) -> _Table:
    return _Table(model)


@cache
def _select_both(one: _Table, other: _Table, where: str) -> str:
    names = [f"{table.name}.{name}" for table in (one, other) for name in table.names]
    return f"select {', '.join(names)} from {one.name}, {other.name} where {where}"  # noqa: S608


@cache
def _insert(table: str, names: tuple[str, ...]) -> str:
    places = ", ".join(["%s"] * len(names))
    return f"insert into {table} ({', '.join(names)}) values ({places})"  # noqa: S608


@cache
def _update(table: str, key: str, names: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{name} = %s' for name in names)} where {key} = %s"  # noqa: S608
