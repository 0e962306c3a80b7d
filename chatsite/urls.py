"""HTTP routes: the one place where the parts meet an address."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from agents_app.airline.api import customer, healthy
from agents_app.knowledge.pages import show_article
from agents_app.mcp.views import mcp
from chatsite import health, problems
from chatsite.accounts.authentication import requires_user
from chatsite.accounts.visitors import lets_visitors_in
from chatsite.api import api
from chatsite.metrics.views import metrics
from conversations import pages
from conversations.api.attachments import attachment_content, upload_attachment
from conversations.api.chatkit import chatkit

urlpatterns = [
    path("", pages.home, name="home"),
    path("c/<str:conversation_id>", pages.home, name="conversation"),
    path("", include("chatsite.accounts.urls")),
    path("language", set_language, name="set-language"),
    path("chatkit", requires_user(chatkit, origin=True)),
    path("chatkit/attachments/<str:attachment_id>/upload", requires_user(upload_attachment, origin=True)),
    path("chatkit/attachments/<str:attachment_id>/content", requires_user(attachment_content)),
    path("support/chatkit", lets_visitors_in(chatkit), {"door": "/support"}),
    path("support/customer", lets_visitors_in(customer)),
    path("support/health", healthy),
    path(
        "support/attachments/<str:attachment_id>/upload",
        lets_visitors_in(upload_attachment, makes_guests=False),
    ),
    path(
        "support/attachments/<str:attachment_id>/content",
        lets_visitors_in(attachment_content, makes_guests=False),
    ),
    path("mcp", requires_user(mcp, known_pages=True)),
    path("help/<slug:slug>", show_article, name="article"),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
    path("", api.urls),
    # With DEBUG on, Django would answer an unknown address with a page of its own.
    re_path("^api/", csrf_exempt(problems.not_found)),
]
handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error
