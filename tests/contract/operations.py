"""Every call below a user's id: method, path, body."""

from __future__ import annotations

from typing import Any

OPERATIONS: list[tuple[str, str, Any]] = [
    ("POST", "/chat", {"message": "Hi"}),
    ("GET", "/conversations", None),
    ("GET", "/conversations/{conversation}", None),
    ("PATCH", "/conversations/{conversation}", {"title": "New"}),
    ("DELETE", "/conversations/{conversation}", None),
    ("POST", "/conversations/{conversation}/ask-for-staff", None),
    ("GET", "/conversations/{conversation}/messages", None),
    ("PUT", "/conversations/{conversation}/messages/{message}/feedback", {"kind": "positive"}),
    ("GET", "/conversations/{conversation}/export?format=markdown", None),
    ("GET", "/search?q=hi", None),
    ("GET", "/export", None),
    ("DELETE", "", None),
    ("GET", "/conversations/{conversation}/events", None),
    ("GET", "/conversations/{conversation}/turns/{turn}", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/cancel", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/retry", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/approvals/{approval}", {"approve": True}),
]
