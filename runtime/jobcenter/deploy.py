"""Compiled definitions into a database: new versions of what has changed, all in one transaction, and what that leaves stale.

The work is done by the SQL function `deploy_definitions`; the compiler is not needed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

from jobcenter import artifact
from jobcenter.artifact import Json
from jobcenter.database import Connection
from jobcenter.errors import JobCenterError


class DeployError(JobCenterError):
    """The definitions cannot be deployed, and none was; the message names the one and what it lacks."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What became of one definition. `new`: whether a version was made, or the one that was there is the same.
    `there`: not so of a procedure that the database has no function for.
    `stale`: workflows that go on with an older version of it until they are deployed again (`force`)."""

    kind: str
    name: str
    action_id: int
    version: int
    new: bool
    there: bool = True
    stale: tuple[str, ...] = ()


def deploy(
    connection: Connection,
    definitions: Sequence[artifact.Definition],
    *,
    tags: Sequence[str] = (),
    schemas: Mapping[str, Json] | None = None,
    force: bool = False,
    replace: bool = False,
    dry_run: bool = False,
) -> list[Deployed]:
    """Deploys all or none, in any order; gives what became of each, in the order given.

    `schemas`: JSON schemas by the name of their type. `force` makes new versions of unchanged definitions too. With
    `replace`, callers of older versions call the new ones from now on, so that none is stale. With
    `dry_run` all is checked and told, and nothing stays. Raises DeployError.
    """
    texts = ",".join(artifact.to_json(definition) for definition in definitions)
    try:
        with connection.transaction(force_rollback=dry_run):
            for name, schema in (schemas or {}).items():
                connection.execute(
                    "select jobcenter.deploy_schema(%s, %s::jsonb)", (name, json.dumps(schema))
                )
            rows = connection.execute(
                "select * from jobcenter.deploy_definitions(%s::json, %s::text[], %s, %s)",
                (f"[{texts}]", list(tags), force, replace),
            ).fetchall()
            stale = _stale(connection)
    except psycopg.DatabaseError as error:
        raise DeployError(error.diag.message_primary or str(error)) from error
    return [
        Deployed(kind, name, action_id, version, new, there, stale.get(name, ()))
        for kind, name, action_id, version, new, there in rows
    ]


def _stale(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Callee -> the workflows that are bound to an older version of it."""
    rows = connection.execute(
        "select o_callee, array_agg(o_workflow order by o_workflow)"
        " from jobcenter.get_stale_actions() group by o_callee"
    ).fetchall()
    return {callee: tuple(workflows) for callee, workflows in rows}
