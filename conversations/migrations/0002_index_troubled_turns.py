from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the writers, who need not wait

    dependencies = [("conversations", "0001_create_conversations")]

    operations = [
        AddIndexConcurrently(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("error__has_key", "trouble")), fields=["id"], name="turn_troubled"
            ),
        ),
    ]
