"""One tiny migration for each numbered file of `terrain/store/schema`.

Promise: a migration that was interrupted is simply run again.
"""

from django.db import migrations

from terrain.store.schema import files, statements_of


def run_sql(name: str) -> type[migrations.Migration]:
    """Return the migration that runs this file, after the file before it."""
    numbered = [file.stem for file in files()]
    before = numbered[: numbered.index(name)][-1:]

    class Migration(migrations.Migration):
        # Each statement stands alone and can be run again (scale.md R21), so none needs the others.
        atomic = False
        dependencies = tuple(("terrain", each) for each in before)
        operations = tuple(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in statements_of(name)
        )

    return Migration
