from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_create_living_workers")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="trace_parent",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
