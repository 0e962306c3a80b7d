"""The site's settings in an environment of the tests' own: no `.env`, no keys, a DATA_DIR that goes when they end."""

import os

from tests.environment import prepare

prepare(os.environ)

from chatsite.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests make many users
# Names without hashes need no collectstatic before the tests; the running site's tests have the real ones.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = DATA_DIR / "staticfiles"  # noqa: F405
STATIC_ROOT.mkdir(exist_ok=True)
