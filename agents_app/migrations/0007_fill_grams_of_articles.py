from django.db import migrations


class Migration(migrations.Migration):
    """The trigger does it."""

    dependencies = [("agents_app", "0006_add_grams_to_articles")]

    operations = [
        migrations.RunSQL(
            "update agents_app_article set title = title where grams is null", migrations.RunSQL.noop
        ),
    ]
