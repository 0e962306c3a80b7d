"""/api/{user_id}: all that is held about its owner, to take home or to erase."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Router

from chatsite.accounts import limits
from chatsite.accounts.models import User
from chatsite.personal_data import erasure
from chatsite.personal_data.archive import archive
from chatsite.personal_data.schemas import Erased
from conversations import exports
from conversations.threads import in_database

export_router = Router(tags=["Personal data"])
erasure_router = Router(tags=["Personal data"])


@export_router.get(
    "/export",
    response={200: None},
    operation_id="exportEverything",
    summary="Download everything held about the user",
    description=(
        "One ZIP: the account, every conversation as JSON and as Markdown, pictures, feedback, use, and what the "
        "airline knows; its README.txt says what is where. It is sent while it is made."
    ),
    openapi_extra={
        "x-errors": ["rate_limited"],
        "responses": {
            "200": {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
        },
    },
)
async def export_everything(request: HttpRequest) -> HttpResponseBase:
    user: User = request.auth  # type: ignore[attr-defined]
    await in_database(limits.count_export, user)
    name = exports.attachment_name(f"{timezone.now():%Y-%m-%d}", user.username, ending="zip")
    return exports.download(archive(user), name=name, content_type="application/zip")


# Clients that join addresses may end this one with a slash.
@erasure_router.delete("/", include_in_schema=False)
@erasure_router.delete(
    "",
    response=Erased,
    operation_id="eraseUser",
    summary="Erase the user and everything held about him",
    description=(
        "At once and for good: replies under way are stopped, streams end as for deleted conversations, sockets of "
        "the user close with 4401, tokens and sessions count no more. The answer counts what there was. Whoever asks "
        "again is nobody: 401. An account of the staff is refused with 403."
    ),
)
async def erase_user(request: HttpRequest, response: HttpResponse) -> dict[str, int]:
    return await in_database(_erase, request, response)


def _erase(request: HttpRequest, response: HttpResponse) -> dict[str, int]:
    user: User = request.auth  # type: ignore[attr-defined]
    counts = erasure.erase_user(user=user)
    if request.user == user:
        auth.logout(request)
        response["Clear-Site-Data"] = '"storage"'  # what the pages kept of drafts and unsent messages
    return counts
