"""Articles, with what full-text search needs."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import RegexValidator
from django.db import models

#: How the words of articles are reduced: PostgreSQL's text search configuration.
LANGUAGE = "english"
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"


class Article(models.Model):
    """Something that the assistants may tell customers, and cite."""

    slug = models.TextField(
        unique=True,
        validators=[RegexValidator(rf"\A{SLUG}\Z", "Small letters, digits and single hyphens.")],
        help_text="Its address, /help/…, and the mark by which assistants cite it. Small letters and hyphens.",
    )
    title = models.TextField(help_text="As a customer would ask for it: titles weigh more in the search.")
    body = models.TextField(help_text="Markdown. Everything here may be told to every customer.")
    is_published = models.BooleanField(
        default=True, db_default=True, help_text="Assistants find it, and customers may read it."
    )
    updated_at = models.DateTimeField(auto_now=True)
    words = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=LANGUAGE)
        + SearchVector("body", weight="B", config=LANGUAGE),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # Of scripts without spaces; a trigger of the database keeps them.
    grams = SearchVectorField(null=True, editable=False)

    class Meta:
        indexes = (
            GinIndex(fields=["words"], name="article_words"),
            GinIndex(fields=["grams"], name="article_grams"),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.slug})"
