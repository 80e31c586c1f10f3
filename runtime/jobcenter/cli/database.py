"""`jobcenter db …`: the schema of the database, and which database that is."""

from __future__ import annotations

from argparse import Namespace

from jobcenter import database, migrate
from jobcenter.cli.output import print_fields, print_json


def upgrade(arguments: Namespace) -> int:
    """Also `db init`: a database without schema is at version 0."""
    where = database.choose(arguments.dsn).describe()
    with database.connect(arguments.dsn) as connection:
        done = migrate.upgrade(connection)
    if arguments.json:
        print_json(
            {"database": where, "before": done.before, "after": done.after, "notes": done.notes}
        )
        return 0
    changed = ", ".join(done.applied) or ("functions" if done.functions else "nothing to do")
    print(f"{where}: version {done.after} ({changed})")
    for note in done.notes:
        print(note)
    return 0


def status(arguments: Namespace) -> int:
    where = database.choose(arguments.dsn).describe()
    with database.connect(arguments.dsn) as connection:
        found = migrate.status(connection)
    if arguments.json:
        print_json(
            {
                "database": where,
                "version": found.version,
                "newest": found.newest,
                "current": found.current,
            }
        )
    else:
        older = found.version > found.newest
        why = "this program is older than the database" if older else "run `jobcenter db upgrade`"
        print_fields(
            {
                "database": where,
                "version": f"{found.version} of {found.newest}",
                "current": "yes" if found.current else f"no: {why}",
            }
        )
    return 0 if found.current else 1
