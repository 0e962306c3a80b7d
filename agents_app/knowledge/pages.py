"""An article's page: where a citation leads."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents_app.tools.offered import offers
from conversations.admin.markdown import render_markdown

from . import services


@require_safe
def show_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a published article to anybody, where the assistant has them."""
    article = services.get_article(slug=slug) if offers("search_articles") else None
    if article is None:
        raise Http404
    body = render_markdown(article.body)
    return render(request, "help/article.html", {"article": article, "body": body})
