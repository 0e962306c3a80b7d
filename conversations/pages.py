"""The chat page."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Where OpenAI's own element comes from, and what its frame talks to.
HOSTED_ELEMENT = "https://cdn.platform.openai.com"
HOSTED_POLICY = {
    directive: [HOSTED_ELEMENT] for directive in ("script-src", "frame-src", "connect-src", "style-src")
}
# No text becomes script or markup: only these, the element's libraries, may make either, and they clean it.
TRUSTED_TYPES = {
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["lit-html", "dompurify"],
}


@never_cache
@require_safe
def home(request: HttpRequest, conversation_id: str = "") -> HttpResponseBase:
    """Show the chat to whoever is signed in, and the ways in to everybody else."""
    if not request.user.is_authenticated:
        context = {"guests": settings.CHAT_GUESTS, "next": request.get_full_path()}
        return render(request, "chat/welcome.html", context)
    if settings.CHATKIT_DOMAIN_KEY:
        return csp_update(HOSTED_POLICY)(_hosted_chat)(request)
    return csp_update(TRUSTED_TYPES)(_chat)(request)


def _chat(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/chat.html", _context(request))


def _hosted_chat(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/hosted.html", _context(request) | {"hosted_element": HOSTED_ELEMENT})


def _context(request: HttpRequest) -> dict[str, Any]:
    name = _name(request)
    return {
        "config": {
            "userId": request.user.pk,
            "name": name,
            "dictates": bool(settings.CHAT_TRANSCRIBER) and settings.CHAT_PROVIDER != "gemini",
            "site": f"{settings.SITE_NAME} {gettext('Support')}",
            "locale": request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
            "domainKey": settings.CHATKIT_DOMAIN_KEY,
            "csrfToken": get_token(request),
            "start": settings.CHAT_START,
            "models": [{"id": model.id, "label": model.label} for model in settings.CHAT_MODELS],
        },
        "initials": "".join(word[0] for word in name.replace(".", " ").replace("_", " ").split()[:2]).upper(),
        "is_practice": settings.CHAT_PROVIDER == "practice",
    }


def _name(request: HttpRequest) -> str:
    """Return what the person is called; a guest has no name yet."""
    if not request.user.is_authenticated or request.user.is_guest:
        return ""
    return request.user.get_full_name() or request.user.get_username()
