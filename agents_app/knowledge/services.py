"""Finding articles."""

from __future__ import annotations

from django.db import connection

from .models import LANGUAGE, Article

MOST_FOUND = 3


def get_article(*, slug: str) -> Article | None:
    """Return a published article."""
    return Article.objects.filter(slug=slug, is_published=True).first()


def search_articles(*, query: str) -> list[Article]:
    """Return the published articles that fit best, none where none holds half of what was asked for.

    A question is a sentence: asking for all its words would find nothing, and for any of them too much.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH, {"language": LANGUAGE, "query": query.replace("\x00", " "), "most": MOST_FOUND}
        )
        ranked = [row[0] for row in cursor.fetchall()]
    found = Article.objects.in_bulk(ranked)
    return [found[pk] for pk in ranked if pk in found]


_SEARCH = """
with asked as (
    select lexemes, array_to_string(array(select quote_literal(each) from unnest(lexemes) as each), ' | ')::tsquery
        as any_of
    from (select tsvector_to_array(to_tsvector(%(language)s::regconfig, %(query)s)) as lexemes) as words
), found as (
    select article.id, ts_rank(article.words, asked.any_of) as rank, cardinality(asked.lexemes) as wanted,
        cardinality(array(
            select unnest(asked.lexemes) intersect select unnest(tsvector_to_array(article.words))
        )) as had
    from agents_app_article as article, asked
    where article.is_published and article.words @@ asked.any_of
)
select id from found where had * 2 >= wanted order by had desc, rank desc, id limit %(most)s
"""
