"""What a process that serves does without: 20 MB of packages that others load in case somebody wants them.

Twisted loads pyOpenSSL to serve https by itself, which a proxy does here, PyJWT cryptography for signatures with key
pairs, autobahn cbor2 for another protocol. They do without where these aren't installed, and that is what they are
told; whoever needs them later may import them. Django Ninja takes one signal from Django's package for tests.
"""

from __future__ import annotations

from conversations.late_imports import import_late, without

import_late("django.test")

with without("OpenSSL", "cbor2", "cryptography"):
    import jwt  # noqa: F401
    from daphne.apps import DaphneConfig


class LeanDaphneConfig(DaphneConfig):  # type: ignore[misc]  # Daphne has no types
    pass
