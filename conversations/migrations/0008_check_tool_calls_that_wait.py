from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_let_tool_calls_wait")]

    operations = [ValidateConstraint(model_name="toolcall", name="tool_call_status")]
