from django.db import migrations


class Migration(migrations.Migration):
    """For ItemQuerySet.saying(): Django's own index of an expression like this needs django.contrib.postgres."""

    atomic = False
    dependencies = [("conversations", "0004_add_trace_of_a_turn")]

    operations = [
        migrations.RunSQL(
            "create index concurrently if not exists item_words on conversations_item "
            "using gin (to_tsvector('simple', text)) where role is not null",
            "drop index concurrently if exists item_words",
        ),
    ]
