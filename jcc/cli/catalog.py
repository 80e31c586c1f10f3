"""`jcc catalog`: what is deployed, as a file for checks without a database."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from jcc.catalog import EMBEDDED, CatalogError, ask_database, is_file
from jcc.cli.main import NO_DATABASE, OK
from jcc.cli.output import complain
from jcc.config import find_config
from jcc.project import find_root


def run(arguments: argparse.Namespace) -> int:
    from jobcenter.errors import JobCenterError

    try:
        catalog = ask_database(_database(arguments.dsn), Path.cwd())
    except (CatalogError, JobCenterError) as error:
        complain(str(error))
        return NO_DATABASE
    print(json.dumps(catalog, indent=1, sort_keys=True, ensure_ascii=False))
    return OK


def _database(named: str | None) -> str | None:
    """The DSN of the database that is meant; None for the embedded one. Raises SettingsError, ConfigError."""
    from jobcenter.database import choose  # psycopg comes with it

    setting = find_config(find_root(Path.cwd())).catalog
    if named is None and setting is not None and not is_file(setting):
        return None if setting == EMBEDDED else setting
    return choose(named).dsn
