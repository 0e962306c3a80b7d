from django.db import migrations

# The locks that conversations/lifeline.py holds, one for each worker that lives.
CREATE = """
create view conversations_living_worker as
select distinct objid::bigint as lock from pg_locks
where locktype = 'advisory' and classid = 726201211 and objsubid = 2 and granted
and database = (select oid from pg_database where datname = current_database())
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_index_troubled_turns")]

    operations = [migrations.RunSQL(CREATE, "drop view conversations_living_worker")]
