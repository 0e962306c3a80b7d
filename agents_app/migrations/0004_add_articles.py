from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
from django.db import migrations, models

SAMPLES = Path(__file__).parent.parent / "knowledge" / "samples"


def add_samples(apps, schema_editor):
    """Write the airline's sample articles, one a file: its heading is the title."""
    Article = apps.get_model("agents_app", "Article")
    for path in sorted(SAMPLES.glob("*.md")):
        heading, _, body = path.read_text(encoding="utf-8").partition("\n")
        title = heading.lstrip("# ").strip()
        Article.objects.get_or_create(slug=path.stem, defaults={"title": title, "body": body.strip()})


class Migration(migrations.Migration):
    dependencies = [("agents_app", "0003_complete_the_customer")]

    operations = [
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.TextField(
                        help_text="Its address, /help/…, and the mark by which assistants cite it. Small letters and hyphens.",
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9]+(?:-[a-z0-9]+)*\\Z", "Small letters, digits and single hyphens."
                            )
                        ],
                    ),
                ),
                (
                    "title",
                    models.TextField(help_text="As a customer would ask for it: titles weigh more in the search."),
                ),
                ("body", models.TextField(help_text="Markdown. Everything here may be told to every customer.")),
                (
                    "is_published",
                    models.BooleanField(
                        db_default=True, default=True, help_text="Assistants find it, and customers may read it."
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.SearchVector("title", config="english", weight="A"),
                            "||",
                            django.contrib.postgres.search.SearchVector("body", config="english", weight="B"),
                            django.contrib.postgres.search.SearchConfig("english"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="article_words")],
            },
        ),
        migrations.RunPython(add_samples, migrations.RunPython.noop),
    ]
