"""POST /chatkit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


async def chatkit(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=501)
