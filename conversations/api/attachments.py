"""The bytes of attachments: in once, out to their owner alone. Who asks is settled where these are mounted."""

from __future__ import annotations

from urllib.parse import quote

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_noop

from conversations import errors, services
from conversations.services.attachments import MAX_BYTES
from conversations.threads import in_database

# What a form adds around its file.
_FORM_BYTES = 64 * 1024


async def upload_attachment(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """Take the bytes, as a form's `file` or as the body itself."""
    if request.method not in ("POST", "PUT"):
        return HttpResponseNotAllowed(["POST", "PUT"])
    data = _read_file(request)
    if not data:
        raise errors.Malformed("Send the picture as the body, or in a form as `file`.")
    user = request.auth  # type: ignore[attr-defined]
    payload = await in_database(services.store_upload, user=user, attachment_id=attachment_id, data=data)
    return JsonResponse(payload, headers={"Cache-Control": "no-store"})


async def attachment_content(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """Give the owner his picture back."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    user = request.auth  # type: ignore[attr-defined]
    upload = await in_database(services.read_upload, user=user, attachment_id=attachment_id)
    name = quote(upload.attachment.payload["name"], safe="")
    return HttpResponse(
        bytes(upload.data),
        content_type=upload.media_type,
        headers={
            "Cache-Control": "private, max-age=600",
            "Content-Disposition": f"inline; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _read_file(request: HttpRequest) -> bytes:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + _FORM_BYTES:
        raise errors.TooLarge(gettext_noop("A picture may have at most 5 MB."))
    if request.content_type != "multipart/form-data":
        return request.read(MAX_BYTES + 1)
    request.upload_handlers = [_InMemory(request)]
    try:
        _, files = request.parse_file_upload(request.META, request)
    except (MultiPartParserError, RequestDataTooBig):
        raise errors.Malformed("The form can't be read.") from None
    file = files.get("file")
    if file is None:
        raise errors.Malformed("A form must bring the picture as `file`.")
    data: bytes = file.read(MAX_BYTES + 1)
    return data


class _InMemory(MemoryFileUploadHandler):
    """Keeps a file in memory, which the check of the length allows for."""

    def handle_raw_input(self, *args: object, **kwargs: object) -> None:
        self.activated = True
