"""Finding articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from agents_app.spelling import find_meant

from .grams import read_grams
from .models import LANGUAGE, Article
from .questions import Term, read_terms

MOST_FOUND = 3
#: The share of what was asked for that an article must have, each word counting by how rarely articles have it.
ENOUGH = 0.45
#: Of grams less is enough: each second one is of two words, and in no article.
ENOUGH_GRAMS = 0.3
#: An article that has much less of it than the best one is only beside it.
NEAR_THE_BEST = 0.6
_SHORTEST_SLIP = 5


def get_article(*, slug: str) -> Article | None:
    """Return a published article."""
    return Article.objects.filter(slug=slug, is_published=True).first()


def search_articles(*, query: str) -> list[Article]:
    """Return the published articles that fit best, none where none holds enough of what was asked for.

    A question is a sentence: asking for all its words would find nothing, and for any of them too much. An article in
    the question's own script is better than one that synonyms lead to.
    """
    question = query.replace("\x00", " ")
    with connection.cursor() as cursor:
        ranked = _rank_by_grams(cursor, question) or _rank_by_words(cursor, question)
    found = Article.objects.in_bulk(ranked)
    return [found[pk] for pk in ranked if pk in found]


def _rank_by_grams(cursor: Any, question: str) -> list[int]:
    grams = read_grams(question)
    values = {"grams": list(grams), "weights": list(grams.values()), "enough": ENOUGH_GRAMS}
    return _rank(cursor, "grams", _ASKED_GRAMS, values) if grams else []


def _rank_by_words(cursor: Any, question: str) -> list[int]:
    terms = read_terms(question)
    ranked = _rank_terms(cursor, terms)
    if not ranked and (mended := _mend(cursor, terms)) != terms:
        ranked = _rank_terms(cursor, mended)
    return ranked


def _rank_terms(cursor: Any, terms: Sequence[Term]) -> list[int]:
    words = [(at, word) for at, term in enumerate(terms) for word in term.words]
    values = {
        "language": LANGUAGE,
        "terms": [at for at, _ in words],
        "words": [word for _, word in words],
        "weights": [term.weight for term in terms],
        "enough": ENOUGH,
    }
    return _rank(cursor, "words", _ASKED_WORDS, values)


def _rank(cursor: Any, column: str, asked: str, values: dict[str, Any]) -> list[int]:
    bounds = {"near": NEAR_THE_BEST, "most": MOST_FOUND}
    cursor.execute(_SEARCH.format(column=column, asked=asked), {**values, **bounds})
    return [row[0] for row in cursor.fetchall()]


def _mend(cursor: Any, terms: Sequence[Term]) -> list[Term]:
    """Return the terms with slips of the finger mended, by the words that the articles have."""
    cursor.execute(_VOCABULARY)
    known = [row[0] for row in cursor.fetchall()]
    return [_mend_term(term, known) for term in terms]


def _mend_term(term: Term, known: Sequence[str]) -> Term:
    is_fine = term.is_explained or len(term.words[0]) < _SHORTEST_SLIP or term.words[0] in known
    meant = None if is_fine else find_meant(term.words[0], known)
    return replace(term, words=(meant,)) if meant else term


_ASKED_WORDS = """
select term, max(weight) as weight, string_agg('(' || query::text || ')', ' | ')::tsquery as query
from (
    select term, (%(weights)s::float[])[term + 1] as weight, case
        when word ~ '^\\w{5,}$' then to_tsquery(%(language)s::regconfig, quote_literal(word) || ':*')
        else plainto_tsquery(%(language)s::regconfig, word)
    end as query
    from unnest(%(terms)s::int[], %(words)s::text[]) as each (term, word)
) as written
where numnode(query) > 0
group by term
"""
_ASKED_GRAMS = """
select term, weight, gram::tsquery as query
from unnest(%(grams)s::text[], %(weights)s::float[]) with ordinality as each (gram, weight, term)
"""
# Each thing that was asked for counts by how rarely articles have it, and more in a title. Words that tell little only
# choose between articles that have enough of the others.
_SEARCH = """
with asked as ({asked}), held as (
    select asked.term, article.id, ts_filter(article.{column}, '{{a}}') @@ asked.query as is_in_title
    from asked join agents_app_article as article on article.{column} @@ asked.query
    where article.is_published
), weighed as (
    select asked.term, asked.weight >= 1 as tells, asked.weight * ln(2
        + (select count(*) from agents_app_article where is_published)::float
        / (1 + greatest(1, (select count(*) from held where held.term = asked.term)))) as weight
    from asked
), scored as (
    select held.id, sum(weight * (1 + is_in_title::int)) as score,
        sum(weight * case when is_in_title then 1 else 0.8 end) filter (where tells) as had
    from held join weighed using (term)
    group by held.id
)
select id from scored
where had >= %(enough)s * (select sum(weight) from weighed where tells)
    and score >= %(near)s * (select max(score) from scored)
order by score desc, id
limit %(most)s
"""
# As they are written: a stem may be far from a slip. It takes a while, and only where nothing was found.
_VOCABULARY = """
select word from ts_stat($$
    select to_tsvector('simple', title || ' ' || body) from agents_app_article where is_published
$$)
"""
