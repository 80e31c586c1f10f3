"""`jcc deploy`: files into the database, all or none."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from jcc.cli.compiling import compile_paths
from jcc.cli.main import FAILED, NO_DATABASE, OK, USAGE
from jcc.cli.output import complain, load
from jcc.workspace import file_schemas


def run(arguments: argparse.Namespace) -> int:
    project = load(arguments.paths)
    if project.problems:
        return USAGE
    compiled = compile_paths(project, project.named)
    if compiled is None:
        return FAILED

    # The runtime is heavy, and all mistakes in the files are told before it is needed.
    from jobcenter import migrate
    from jobcenter.database import connect
    from jobcenter.deploy import deploy
    from jobcenter.errors import JobCenterError, NoDatabase, UsageError

    try:
        with connect(arguments.dsn, Path(arguments.paths[0])) as connection:
            migrate.upgrade(connection)
            deployed = deploy(
                connection,
                compiled,
                tags=arguments.tags,
                schemas=file_schemas(project.workspace),
                force=arguments.force,
                replace=arguments.replace,
                dry_run=arguments.dry_run,
            )
    except NoDatabase as error:
        complain(str(error))
        return NO_DATABASE
    except UsageError as error:
        complain(str(error))
        return USAGE
    except JobCenterError as error:
        complain(str(error))
        return FAILED
    if arguments.json:
        print(json.dumps([asdict(one) for one in deployed]))
        return OK
    for one in deployed:
        verb = ("would be new" if arguments.dry_run else "new") if one.new else "unchanged"
        print(f"{one.kind} {one.name}: {verb}, version {one.version}")
        if not one.there:
            print(f"  the database has no function {one.name}(jsonb) in its schema public yet")
        if one.stale:
            print(f"  now stale, since they call an older version: {', '.join(one.stale)}")
    return OK
