"""The languages that we speak, as a browser or a page asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

_P = ParamSpec("_P")
_R = TypeVar("_R")


def read_language(accept_language: str) -> str:
    """Return the first of the wanted languages that we speak, by Django's code; nothing where it is none."""
    for wanted, _ in parse_accept_lang_header(accept_language):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return ""


def speaking(language: str | None, run: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Run in a language: in a thread of the database, where a task's own doesn't go by itself."""
    with translation.override(language):
        return run(*args, **kwargs)
