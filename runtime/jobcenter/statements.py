"""Each call of the database, described once: SQL, parameters, and how its rows are read. No I/O.

`Client`, `AsyncClient` and `Worker` run these; what they add is a connection. The SQL functions are the ones that a
program in any other language would call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, LiteralString, TypeAlias, TypeVar

from jobcenter.errors import InvalidArguments, JobError
from jobcenter.storable import unstorable_json

T = TypeVar("T")
Row = Mapping[str, Any]
Arguments = Mapping[str, Any]
Output: TypeAlias = dict[str, Any]  # of an ended job; that of a failed one is {"error": ...}


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """`repeatable`: to run it twice is to run it once, so it may be sent again over a new connection. `name` is for the network;
    a statement without one needs the database itself. `listens`: the connection is to hear of the ends of these jobs."""

    sql: LiteralString
    params: Mapping[str, object]
    read: Callable[[Sequence[Row]], T]
    repeatable: bool = False
    name: str = ""
    listens: bool = False


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job is. `error` and `output` are for a job that has ended: one of them is not None."""

    job_id: int
    output: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        return self.output is not None or self.error is not None

    @property
    def outcome(self) -> Output | None:
        return {"error": self.error} if self.error is not None else self.output

    def result(self) -> dict[str, Any]:
        """The outputs of an ended job. Raises JobError if it failed."""
        if self.output is None:
            raise JobError(self.error, self.job_id)
        return self.output


@dataclass(frozen=True, slots=True)
class Task:
    """A task as a worker gets it. `cookie` is good for one answer."""

    job_id: int
    cookie: str
    arguments: dict[str, Any]
    environment: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Announced:
    """What a worker has to know of an action it announced: its own number, and the channel of the action's tasks."""

    worker_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker hears when it gives a sign of life: whether the database takes it to be alive, the actions for which
    it would get a task, and the tasks that it has without knowing, each with its action's name."""

    alive: bool
    waiting: list[str]
    lost: list[tuple[str, Task]]


@dataclass(frozen=True, slots=True)
class Stale:
    """A workflow's newest version, and what it calls in an older version than the newest."""

    workflow: str
    version: int
    callee: str
    bound_version: int
    newest_version: int


_encode = json.JSONEncoder(
    allow_nan=False, separators=(",", ":")
).encode  # made once, not each time


def to_json(value: object, what: str) -> str:
    """Raises InvalidArguments for a value that JSON cannot say (NaN too: Postgres refuses it), or that Postgres cannot store."""
    try:
        text = _encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArguments(f"{what} cannot be written as JSON: {error}") from None
    if (wrong := unstorable_json(text, value, what)) is not None:
        raise InvalidArguments(f"{what} cannot be stored: {wrong}")
    return text


def scalar(rows: Sequence[Row]) -> Any:
    """The only column of the only row. Any: the SQL function's declaration says what it is."""
    return next(iter(rows[0].values()))


def nothing(rows: Sequence[Row]) -> None:
    """For functions that return void."""


# What is said to the database, by the name under which the network knows it too.
SQL: Final[Mapping[str, LiteralString]] = {
    "create_job": "select o_job_id from jobcenter.create_job(%(workflow)s::text, %(args)s::jsonb, %(tag)s::text, %(impersonate)s::text,"
    " %(env)s::jsonb, %(key)s::text)",
    "create_jobs": "select o_job_id from jobcenter.create_jobs(%(workflow)s::text, %(args)s::jsonb, %(tag)s::text, %(impersonate)s::text,"
    " %(env)s::jsonb, %(keys)s::text[])",
    "get_job_status": "select jobcenter.get_job_status(%(job)s::bigint)",
    "get_job_statuses": "select * from jobcenter.get_job_statuses(%(jobs)s::bigint[], %(impersonate)s::text)",
    "cancel_job": "select jobcenter.cancel_job(%(job)s::bigint, %(reason)s::text, %(force)s, %(impersonate)s)",
    "retry_job": "select jobcenter.retry_job(%(job)s::bigint, %(reason)s::text, %(impersonate)s)",
    "find_jobs": "select * from jobcenter.find_jobs(%(filter)s::jsonb)",
    "raise_event": "select jobcenter.raise_event(%(event)s::jsonb)",
    "disable_action": "select jobcenter.disable_action(%(name)s, %(kind)s, %(version)s, %(disabled)s)",
    "check_if_lock_exists": "select jobcenter.check_if_lock_exists(%(type)s, %(value)s)",
    "get_workflow_info": "select jobcenter.get_workflow_info(%(workflow)s::text, %(tag)s::text)",
    "get_stale_actions": "select * from jobcenter.get_stale_actions()",
    "announce": "select * from jobcenter.announce(%(worker)s, %(action)s, %(impersonate)s, %(filter)s::jsonb)",
    "get_tasks": "select * from jobcenter.get_tasks(%(worker)s, %(action)s, %(limit)s)",
    "tasks_done": "select * from jobcenter.tasks_done(%(cookies)s, %(outs)s::jsonb)",
    "beat": "select jobcenter.ping(%(id)s) as alive,"
    " array(select o_action from jobcenter.poll_tasks(array[%(id)s::bigint])) as waiting,"
    " (select coalesce(json_agg(h), '[]') from jobcenter.held_tasks(%(worker)s, %(known)s::text[]) h) as lost",
    "disconnect": "select jobcenter.disconnect(%(worker)s)",
    "trace_contexts": "select * from jobcenter.trace_contexts(%(cookies)s::text[])",
}


# The same calls where they go to the database itself: what these add means nothing to the network, which knows them by name.
CALLED: Final[LiteralString] = (
    "select o_job_id from jobcenter.create_job(%(workflow)s::text, %(args)s::jsonb, %(tag)s::text, %(impersonate)s::text,"
    " %(env)s::jsonb, %(key)s::text, %(caller)s::uuid)"
)
UNWAITED: Final[LiteralString] = (
    "select * from jobcenter.get_tasks(%(worker)s, %(action)s, %(limit)s, unwaited => true)"
)


def _call(
    name: str,
    params: Mapping[str, object],
    read: Callable[[Sequence[Row]], T],
    repeatable: bool = False,
) -> Statement[T]:
    return Statement(SQL[name], params, read, repeatable, name)


def create_job(
    workflow: str,
    args: Arguments,
    *,
    tag: str | None = None,
    env: Arguments | None = None,
    key: str | None = None,
    impersonate: str | None = None,
    listen: bool = False,
) -> Statement[int]:
    """`listen`: the connection is to hear of the job's end, from the job's beginning on. It says itself who the `caller` is."""
    statement = _call(
        "create_job",
        {
            "workflow": workflow,
            "args": to_json(args, "the arguments"),
            "tag": tag,
            "impersonate": impersonate,
            "env": None if env is None else to_json(env, "the environment"),
            "key": key,
        },
        scalar,
        repeatable=key is not None,
    )
    return replace(statement, sql=CALLED, listens=True) if listen else statement


def create_jobs(
    workflow: str,
    args: Iterable[Arguments],
    *,
    tag: str | None = None,
    env: Arguments | None = None,
    impersonate: str | None = None,
    keys: Iterable[str] | None = None,
) -> Statement[list[int]]:
    """One transaction and one parameter: all are created, in their order, or none. `keys` goes in step with `args`."""
    return _call(
        "create_jobs",
        {
            "workflow": workflow,
            "args": to_json(list(args), "the arguments"),
            "tag": tag,
            "impersonate": impersonate,
            "env": None if env is None else to_json(env, "the environment"),
            "keys": None if keys is None else list(keys),
        },
        lambda rows: [row["o_job_id"] for row in rows],
        repeatable=keys is not None,
    )


def get_job_status(job_id: int) -> Statement[JobStatus]:
    return _call(
        "get_job_status",
        {"job": job_id},
        lambda rows: status_of(job_id, scalar(rows)),
        repeatable=True,
    )


def get_job_statuses(
    job_ids: Sequence[int], impersonate: str | None = None
) -> Statement[dict[int, JobStatus]]:
    """Those of the jobs that exist, as far as the role may see them."""
    return _call(
        "get_job_statuses",
        {"jobs": list(job_ids), "impersonate": impersonate},
        lambda rows: {row["o_job_id"]: status_of(row["o_job_id"], row["o_output"]) for row in rows},
        repeatable=True,
    )


def status_of(job_id: int, output: dict[str, Any] | None) -> JobStatus:
    """From what the database says of a job: its output, which may be an error, or null while it goes on."""
    match output:
        case None:
            return JobStatus(job_id)
        case {"error": dict(error)}:
            return JobStatus(job_id, error=error)
        case _:
            return JobStatus(job_id, output=output)


def cancel_job(job_id: int, reason: str | None, *, force: bool) -> Statement[bool]:
    return _call(
        "cancel_job",
        {"job": job_id, "reason": reason, "force": force, "impersonate": None},
        scalar,
    )


def retry_job(job_id: int, reason: str | None) -> Statement[bool]:
    return _call("retry_job", {"job": job_id, "reason": reason, "impersonate": None}, scalar)


def find_jobs(arguments: Arguments) -> Statement[list[int]]:
    return _call(
        "find_jobs",
        {"filter": to_json(arguments, "the filter")},
        lambda rows: [next(iter(row.values())) for row in rows],
        repeatable=True,
    )


def raise_event(event: Arguments) -> Statement[int]:
    return _call(
        "raise_event",
        {"event": to_json(event, "the event")},
        scalar,
    )


def disable_action(name: str, kind: str, version: int | None, *, disabled: bool) -> Statement[int]:
    return _call(
        "disable_action",
        {"name": name, "kind": kind, "version": version, "disabled": disabled},
        scalar,
        repeatable=True,
    )


def check_if_lock_exists(lock_type: str, value: str) -> Statement[bool | None]:
    return _call(
        "check_if_lock_exists",
        {"type": lock_type, "value": value},
        scalar,
        repeatable=True,
    )


def get_workflow_info(workflow: str, tag: str | None) -> Statement[dict[str, Any]]:
    return _call(
        "get_workflow_info",
        {"workflow": workflow, "tag": tag},
        scalar,
        repeatable=True,
    )


def get_stale_actions() -> Statement[list[Stale]]:
    return _call(
        "get_stale_actions",
        {},
        lambda rows: [
            Stale(
                row["o_workflow"],
                row["o_version"],
                row["o_callee"],
                row["o_bound_version"],
                row["o_newest_version"],
            )
            for row in rows
        ],
        repeatable=True,
    )


# What a worker says.


def announce(worker: str, action: str, filter: Arguments | None = None) -> Statement[Announced]:
    return _call(
        "announce",
        {
            "worker": worker,
            "action": action,
            "impersonate": None,
            "filter": None if filter is None else to_json(filter, "the filter"),
        },
        lambda rows: Announced(rows[0]["o_worker_id"], rows[0]["o_listenstring"]),
        repeatable=True,
    )


def get_tasks(
    worker: str, action: str, limit: int, *, unwaited: bool = False
) -> Statement[list[Task]]:
    """`unwaited`: nothing else is done in this transaction, and it may be undone by a crash of the server (the tasks are then
    handed out again)."""
    statement = _call(
        "get_tasks",
        {"worker": worker, "action": action, "limit": limit},
        lambda rows: [_task(row) for row in rows],
    )
    return replace(statement, sql=UNWAITED) if unwaited else statement


def _task(row: Row) -> Task:
    return Task(row["o_job_id"], row["o_job_cookie"], row["o_in_args"], row["o_env"] or {})


def tasks_done(answers: Mapping[str, str]) -> Statement[dict[str, str]]:
    """`answers`: cookie -> outputs as JSON text. Gives cookie -> `recorded`, `duplicate` or `late`."""
    return _call(
        "tasks_done",
        {"cookies": list(answers), "outs": f"[{','.join(answers.values())}]"},
        lambda rows: {row["o_job_cookie"]: row["o_receipt"] for row in rows},
        repeatable=True,
    )


def beat(worker: str, worker_id: int, known: Iterable[str]) -> Statement[Beat]:
    """`known`: the cookies of the tasks that the worker knows it has."""
    return _call(
        "beat",
        {"worker": worker, "id": worker_id, "known": list(known)},
        lambda rows: Beat(
            rows[0]["alive"],
            rows[0]["waiting"],
            [(row["o_action"], _task(row)) for row in rows[0]["lost"]],
        ),
        repeatable=True,
    )


def disconnect(worker: str) -> Statement[None]:
    return _call("disconnect", {"worker": worker}, nothing, True)


def trace_contexts(cookies: Iterable[str]) -> Statement[dict[str, Row]]:
    """For a worker that traces: where its tasks belong, by their cookies."""
    return _call(
        "trace_contexts",
        {"cookies": list(cookies)},
        lambda rows: {row["o_job_cookie"]: row for row in rows},
        True,
    )
