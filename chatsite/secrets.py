"""Secrets that are made once and kept in DATA_DIR, readable by the owner alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe

from chatsite.env import BadSetting


def secret_key(data_dir: Path) -> str:
    """Return Django's SECRET_KEY, generated at the first call."""
    return stored_secret(data_dir / "secret-key", lambda: token_urlsafe(50))


def stored_secret(path: Path, make: Callable[[], str]) -> str:
    """Return what the file holds; where there is none, make it (mode 0600), whoever comes first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create(path, make())
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(
            "DATA_DIR", f"must be a folder that you can write to ({error.filename}: {error.strerror})"
        ) from None


def _create(path: Path, value: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
    try:
        os.link(draft, path)  # unlike a rename, never replaces what another process made first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
