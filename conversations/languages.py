"""The languages that we speak, as a browser or a page asks for them."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def read_language(accept_language: str) -> str:
    """Return the first of the wanted languages that we speak, by Django's code; nothing where it is none."""
    for wanted, _ in parse_accept_lang_header(accept_language):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return ""
