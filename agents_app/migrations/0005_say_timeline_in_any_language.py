from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a timeline entry keep what fills its gaps: its text is then said in the reader's language."""

    dependencies = [("agents_app", "0004_add_articles")]

    operations = [
        migrations.AddField(
            model_name="timelineentry",
            name="values",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
