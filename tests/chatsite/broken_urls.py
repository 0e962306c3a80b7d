"""Addresses with a fault, for the tests of what is said about it."""

from typing import NoReturn

from django.http import HttpRequest
from django.urls import path

from chatsite import problems
from chatsite.accounts.authentication import requires_user


def broken(request: HttpRequest) -> NoReturn:
    raise RuntimeError("secret SQL of ours")


urlpatterns = [path("api/broken", broken), path("chatkit", requires_user(broken, origin=True))]
handler500 = problems.server_error
