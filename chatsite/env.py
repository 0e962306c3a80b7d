"""Typed readers of settings: the environment first, then `.env`, then the default. The only reader of either."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting that can't be used; says its name and what it must be."""

    def __init__(self, name: str, must: str) -> None:
        super().__init__(f"{name} {must}. Set it in the environment or in .env; see docs/configuration.md.")


def text(name: str, default: str = "") -> str:
    """Return a setting as text. `NAME_FILE` may hold the path of a file with the value, for secrets."""
    path = _raw(f"{name}_FILE")
    if not path:
        return _raw(name) or default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE", f"names a file that can't be read ({error.strerror})") from None


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return a setting as a whole number within its bounds."""
    raw = text(name)
    if not raw:
        return default
    bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"
    try:
        number = int(raw.replace("_", "").replace(",", ""))
    except ValueError:
        raise BadSetting(name, f"must be a whole number {bounds}, not {raw!r}") from None
    if number < least or (most is not None and number > most):
        raise BadSetting(name, f"must be a whole number {bounds}, not {raw!r}")
    return number


def amount(name: str) -> Decimal:
    """Return a setting that is an amount of money, 0 when it isn't set."""
    raw = text(name)
    try:
        value = Decimal(raw or "0")
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise BadSetting(name, f"must be an amount such as 25 or 2.50, not {raw!r}")
    return value


def boolean(name: str, default: bool) -> bool:
    """Return a setting as a yes or no."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in ("1", "true", "yes", "on"):
        return True
    if raw in ("0", "false", "no", "off"):
        return False
    raise BadSetting(name, f"must be on or off, not {raw!r}")


def choice(name: str, default: str, allowed: Iterable[str]) -> str:
    """Return a setting that is one of a few words."""
    allowed = tuple(allowed)
    raw = text(name)
    if not raw:
        return default
    for word in allowed:
        if raw.lower() == word.lower():
            return word
    raise BadSetting(name, f"must be one of {', '.join(allowed)}, not {raw!r}")


def dotted_path(name: str, default: str) -> str:
    """Return a setting that names something in a module, such as `shop.assistant.Shop`. The module must be there."""
    path = text(name, default)
    module, _, attribute = path.rpartition(".")
    try:
        found = bool(attribute) and find_spec(module) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise BadSetting(
            name, f"must be the dotted path of something in a module that is there, not {path!r}"
        )
    return path


def words(name: str, default: Iterable[str] = ()) -> list[str]:
    """Return a setting that is a list, separated by commas."""
    raw = text(name)
    return [word.strip() for word in raw.split(",") if word.strip()] if raw else list(default)


def some_of(name: str, allowed: Iterable[str], default: Iterable[str]) -> tuple[str, ...]:
    """Return a setting that lists some of a few words; `none` is none of them."""
    allowed = tuple(allowed)
    chosen = words(name, default)
    if chosen == ["none"]:
        return ()
    if unknown := [word for word in chosen if word not in allowed]:
        raise BadSetting(name, f"must list some of {', '.join(allowed)}, or be none, not {unknown[0]!r}")
    return tuple(chosen)


def mcp_servers(name: str) -> list[dict[str, Any]]:
    """Return a setting that lists MCP servers as JSON: name, url, tools, and perhaps headers and timeout."""
    raw = text(name)
    try:
        servers = [_mcp_server(**each) for each in json.loads(raw or "[]")]
        if len({server["name"] for server in servers}) < len(servers):
            raise ValueError("two servers have one name")
    except (ValueError, TypeError, AttributeError) as error:
        # It may hold a password: only what is wrong is repeated, and that names nothing of it.
        why = error if type(error) is ValueError else "it can't be read"
        raise BadSetting(
            name, f"must be a JSON list of servers, each with name, url and tools: {why}"
        ) from None
    return servers


def _mcp_server(
    *, name: str, url: str, tools: list[str], headers: dict[str, str] | None = None, timeout: float = 10
) -> dict[str, Any]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise ValueError("a name is small letters, digits and underscores")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ValueError("a url starts with http:// or https://")
    if not tools or not all(isinstance(tool, str) for tool in tools):
        raise ValueError("tools lists the tools that may be used")
    if not all(isinstance(value, str) for value in (headers or {}).values()):
        raise ValueError("headers are texts")
    if not 0 < float(timeout) <= 60:
        raise ValueError("a timeout is at most 60 seconds")
    known = {"name": name, "url": url, "tools": tuple(tools)}
    return {**known, "headers": dict(headers or {}), "timeout": float(timeout)}


def url(name: str, default: str = "", *, schemes: Iterable[str] = ("http", "https")) -> str:
    """Return a setting that is an address with one of the schemes."""
    raw = text(name, default)
    if not raw:
        return ""
    schemes = tuple(schemes)
    try:
        parts = urlsplit(raw)
        valid = parts.scheme in schemes and (bool(parts.netloc) or "postgres" in parts.scheme)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        # The value may hold a password: it is never repeated.
        raise BadSetting(
            name, f"must be an address that starts with {' or '.join(s + '://' for s in schemes)}"
        )
    return raw


def origin(name: str, default: str) -> str:
    """Return a setting that is an origin: an address without a path, which nothing here would heed."""
    raw = text(name, default).rstrip("/")
    if not _is_origin(raw):
        # The value may hold a password: it is never repeated.
        raise BadSetting(name, "must be an address that starts with http:// or https://, without a path")
    return raw


def origins(name: str) -> list[str]:
    """Return a setting that is a list of origins, separated by commas."""
    found = [word.rstrip("/") for word in words(name)]
    for each in found:
        if not _is_origin(each):
            raise BadSetting(name, f"must list origins such as https://example.com, not {each!r}")
    return found


def _is_origin(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        _ = parts.port
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    return plain and raw == f"{parts.scheme}://{parts.netloc}"


def hosts(name: str, default: Iterable[str]) -> list[str]:
    """Return a setting that is a list of host names as Django knows them, separated by commas."""
    names = words(name, default)
    for each in names:
        if not re.fullmatch(r"\*|\.?[\w.-]+|\[[0-9A-Fa-f:.]+\]", each):
            raise BadSetting(name, f"must list names such as example.com, without a port, not {each!r}")
    return names


def _raw(name: str) -> str:
    if name in os.environ:
        return os.environ[name].strip()
    return _dotenv().get(name, "")


def _dotenv() -> dict[str, str]:
    global _dotenv_values
    if _dotenv_values is None:
        _dotenv_values = read_dotenv(Path(os.environ.get("DOTENV_PATH", BASE_DIR / ".env")))
    return _dotenv_values


_dotenv_values: dict[str, str] | None = None


def read_dotenv(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; `#` starts a comment, quotes around a value are taken off."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(str(path.name), f"can't be read ({error})") from None
    return dict(pair for line in lines if (pair := _dotenv_pair(line)))


def _dotenv_pair(line: str) -> tuple[str, str] | None:
    line = line.strip().removeprefix("export ").strip()
    if not line or line.startswith("#") or "=" not in line:
        return None
    name, _, value = line.partition("=")
    value = value.strip()
    if quoted := re.fullmatch(r"""(["'])((?:(?!\1).)*)\1(\s+#.*)?""", value):
        return name.strip(), quoted[2]
    return name.strip(), value.split(" #", 1)[0].strip()
