import django.contrib.postgres.search
from django.db import migrations

# What agents_app.knowledge.grams reads of a question, read of an article: pairs of letters, threes where letters are
# fewer, and Chinese characters one by one. Without PostgreSQL's own parser, which knows letters by the server's locale.
FUNCTION = r"""
create or replace function agents_app_grams(words text, weight text) returns tsvector
language sql immutable parallel safe as $$
    with runs as (
        select found[1] as run, case when found[1] ~ '^[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]' then 3 else 2 end as size
        from regexp_matches(lower(normalize(words, nfkc)), '[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]+|'
            || '[\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+', 'g') as found
    ), grams as (
        select substr(run, at, size) as gram from runs, generate_series(1, greatest(length(run) - size + 1, 1)) as at
        union
        select found[1] from regexp_matches(normalize(words, nfkc), '[\u3400-\u4dbf\u4e00-\u9fff]', 'g') as found
    )
    select coalesce(string_agg(gram || ':1' || weight, ' '), '')::tsvector from grams
$$;
create or replace function agents_app_set_grams() returns trigger language plpgsql as $$
begin
    new.grams := agents_app_grams(new.title, 'A') || agents_app_grams(new.body, 'B');
    return new;
end $$;
create or replace trigger article_grams before insert or update of title, body on agents_app_article
for each row execute function agents_app_set_grams();
"""
UNDO = """
drop trigger article_grams on agents_app_article;
drop function agents_app_set_grams();
drop function agents_app_grams(text, text);
"""


class Migration(migrations.Migration):
    """A trigger, not a generated column: that would write the whole table anew while nobody could search it."""

    dependencies = [("agents_app", "0005_say_timeline_in_any_language")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="grams",
            field=django.contrib.postgres.search.SearchVectorField(editable=False, null=True),
        ),
        migrations.RunSQL(FUNCTION, UNDO),
    ]
