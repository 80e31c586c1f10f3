"""Each call of the database, described once: SQL, parameters, and how its rows are read. No I/O.

`Client`, `AsyncClient` and `Worker` run these; what they add is a connection. The SQL functions are the same ones that a
program in any other language would call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

from jobcenter.errors import InvalidArguments

T = TypeVar("T")
Row = Mapping[str, Any]
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    sql: LiteralString
    params: Mapping[str, object]
    read: Callable[[Sequence[Row]], T]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as a worker gets it. `cookie` is good for one answer."""

    job_id: int
    cookie: str
    arguments: Mapping[str, Any]
    environment: Mapping[str, Any]


def to_json(value: object, what: str) -> str:
    """Raises InvalidArguments for a value that JSON cannot say (NaN too: Postgres refuses it)."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArguments(f"{what} cannot be written as JSON: {error}") from None


def _first(rows: Sequence[Row]) -> Any:
    """The only column of the only row; its type is the SQL function's promise."""
    return next(iter(rows[0].values())) if rows else None


def _nothing(rows: Sequence[Row]) -> None:
    del rows


def create_job(
    workflow: str,
    args: Arguments,
    *,
    tag: str | None = None,
    env: Arguments | None = None,
    key: str | None = None,
    impersonate: str | None = None,
) -> Statement[int]:
    return Statement(
        "select o_job_id from jobcenter.create_job(wfname => %(workflow)s, args => %(args)s::jsonb,"
        " tag => %(tag)s, impersonate => %(impersonate)s, env => %(env)s::jsonb, key => %(key)s)",
        {
            "workflow": workflow,
            "args": to_json(args, "the arguments"),
            "tag": tag,
            "impersonate": impersonate,
            "env": None if env is None else to_json(env, "the environment"),
            "key": key,
        },
        lambda rows: int(rows[0]["o_job_id"]),
    )


def create_jobs(
    workflow: str, args: Iterable[Arguments], *, tag: str | None = None
) -> Statement[list[int]]:
    """One transaction, one parameter: all are created, in their order, or none."""
    return Statement(
        "select c.o_job_id from json_array_elements(%(args)s::json) with ordinality as a (args, position),"
        " lateral jobcenter.create_job(wfname => %(workflow)s, args => a.args::jsonb, tag => %(tag)s) as c"
        " order by a.position",
        {"workflow": workflow, "args": to_json(list(args), "the arguments"), "tag": tag},
        lambda rows: [int(row["o_job_id"]) for row in rows],
    )
