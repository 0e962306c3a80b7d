"""What a page needs in its head so that modules load without a build."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from chatsite import storage

register = template.Library()


@register.simple_tag(takes_context=True)
def import_map(context: dict[str, Any]) -> SafeString:
    """Render the import map; the nonce satisfies the content policy."""
    rendered: SafeString = storage.import_map().render(attrs={"nonce": str(context["CSP_NONCE"])})
    return rendered


@register.simple_tag
def module_preloads() -> SafeString:
    """Render a link for each module of the first picture."""
    link = '<link rel="modulepreload" href="{}">\n'
    return format_html_join("", link, ((url,) for url in storage.preloaded_urls()))
