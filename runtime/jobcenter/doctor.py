"""The invariants of a database, checked while it is in use: no job waits without something that will wake it, and more.

Each check is a file `sql/queries/doctor/NAME.sql`: its first comment is what must hold, its query finds what does not,
as `job_id` (null where it is not about a job) and `detail`. All are one statement, so they see the same moment. What
mends itself within seconds is given a minute. Reads only; needs the role `jc_admin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from psycopg import sql

from jobcenter.database import Connection

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold, and the query that finds what does not."""

    name: str
    promise: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found: how many violations, and the first of them in words."""

    check: str
    promise: str
    violations: int
    examples: tuple[str, ...]


def checks() -> list[Check]:
    """All checks, by name."""
    folder = resources.files("jobcenter") / "sql" / "queries" / "doctor"
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    return [
        _check(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files
    ]


def examine(connection: Connection) -> list[Finding]:
    """A finding for each check, violated or not. Raises psycopg.Error."""
    known = checks()
    rows = connection.execute(_statement(known)).fetchall()
    found = {name: (violations, examples) for name, violations, examples in rows}
    return [Finding(check.name, check.promise, *_read(*found[check.name])) for check in known]


def _check(name: str, text: str) -> Check:
    promise, _, query = text.removeprefix("-- ").partition("\n")
    return Check(name, promise, query)


def _statement(known: Sequence[Check]) -> sql.Composed:
    parts = [
        sql.SQL(
            "select {}, count(*), (array_agg(array[f.job_id::text, f.detail] order by f.job_id) filter (where f.place <= {}))"
            " from (select v.job_id, v.detail, row_number() over (order by v.job_id) as place from ("
        ).format(check.name, EXAMPLES)
        + sql.SQL(check.query)
        + sql.SQL("\n) v) f")
        for check in known
    ]
    return sql.SQL("\nunion all\n").join(parts)


def _read(violations: int, examples: Any) -> tuple[int, tuple[str, ...]]:
    """Any: an array of pairs, or null."""
    return violations, tuple(
        detail if job is None else f"job {job}: {detail}" for job, detail in examples or ()
    )
