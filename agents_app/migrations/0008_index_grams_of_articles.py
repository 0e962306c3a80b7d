from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("agents_app", "0007_fill_grams_of_articles")]

    operations = [AddIndexConcurrently("article", GinIndex(fields=["grams"], name="article_grams"))]
