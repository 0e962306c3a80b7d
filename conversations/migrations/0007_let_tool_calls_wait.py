from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0006_record_cost_and_summaries")]

    operations = [
        migrations.AddField(
            model_name="approval", name="question", field=models.JSONField(db_default={}, default=dict)
        ),
        migrations.AlterField(
            model_name="toolcall",
            name="status",
            field=models.TextField(
                choices=[
                    ("waiting", "Waiting"),
                    ("running", "Running"),
                    ("completed", "Completed"),
                    ("failed", "Failed"),
                    ("unknown", "Unknown"),
                ],
                default="completed",
            ),
        ),
        migrations.RemoveConstraint(model_name="toolcall", name="tool_call_status"),
        AddConstraintNotValid(
            model_name="toolcall",
            constraint=models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "running", "completed", "failed", "unknown"]),
                name="tool_call_status",
            ),
        ),
    ]
