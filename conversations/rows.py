"""Rows of a model, read and written by statements that are built once.

The ORM builds each statement anew, at four times the price; on a turn's path that was most of what the database cost
(docs/decisions/0023-speed-of-a-turn.md). What comes and goes are ordinary model instances. Not for related rows,
defaults in Python or signals: there are none on that path.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=Model)


def select(model: type[M], where: str, parameters: Sequence[Any]) -> list[M]:
    """Return the rows that `where` keeps: SQL behind WHERE, with the parameters' places as %s."""
    table = _table(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{table.select} where {where}", parameters)
        return [model.from_db(connection.alias, table.names, table.read(row)) for row in cursor.fetchall()]


def first(model: type[M], where: str, parameters: Sequence[Any]) -> M | None:
    """Return the first of the rows, or None."""
    found = select(model, f"{where} limit 1", parameters)
    return found[0] if found else None


def insert(instance: Model) -> None:
    """Store a new row; its key comes back, what else the database fills in stays there."""
    table = _table(type(instance))
    given = {
        name: value
        for name, value in zip(table.names, table.write(instance), strict=True)
        if not isinstance(value, DatabaseDefault) and (value is not None or name != table.key)
    }
    with connection.cursor() as cursor:
        cursor.execute(_insert(table.name, table.key, tuple(given)), list(given.values()))
        setattr(instance, table.key, cursor.fetchone()[0])
    instance._state.adding, instance._state.db = False, connection.alias


def update(instance: Model, *names: str) -> None:
    """Store some columns of a row again."""
    table = _table(type(instance))
    values = [table.value(instance, name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_update(table.name, table.key, names), [*values, instance.pk])


def columns(instance: Model, *names: str) -> dict[str, Any]:
    """Return columns as a statement takes them."""
    table = _table(type(instance))
    return {name: table.value(instance, name) for name in names}


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
def _insert(table: str, key: str, names: tuple[str, ...]) -> str:
    places = ", ".join(["%s"] * len(names))
    return f"insert into {table} ({', '.join(names)}) values ({places}) returning {key}"  # noqa: S608


@cache
def _update(table: str, key: str, names: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{name} = %s' for name in names)} where {key} = %s"  # noqa: S608
