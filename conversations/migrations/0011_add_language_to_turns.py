from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0010_record_dictations_and_begun_summaries")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="language",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
