"""What the service says to the database for many peers at once: the statements that `jobcenter.statements` has for one. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobcenter.statements import Output, Row, Statement, Task, to_json


@dataclass(frozen=True, slots=True)
class Claim:
    """Up to `limit` tasks of an action for a worker, or the one of `job`."""

    worker: str
    action: str
    limit: int = 1
    job: int | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """`channel` tells of the action's tasks."""

    worker_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """An action's channel, and how many of its tasks are ready: never told beyond `MOST`."""

    channel: str
    ready: int


MOST = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is. `state` is the database's word; `line` of the source, `task` and `calls` are those it stands at."""

    job_id: int
    workflow: str
    state: str
    steps: int
    task: str | None
    line: int | None
    calls: str | None


def ended(job_ids: Sequence[int]) -> Statement[dict[int, Output]]:
    """Those of the jobs that have ended, with their outputs. Whoever waits for them has asked for their status before, in his own name."""
    return Statement(
        "select * from jobcenter.get_job_statuses(%(jobs)s::bigint[]) where o_output is not null",
        {"jobs": list(job_ids)},
        lambda rows: {row["o_job_id"]: row["o_output"] for row in rows},
        repeatable=True,
    )


def progress(job_ids: Sequence[int]) -> Statement[dict[int, Progress]]:
    def read(rows: Sequence[Row]) -> dict[int, Progress]:
        return {
            row["o_job_id"]: Progress(
                row["o_job_id"],
                row["o_workflow"],
                row["o_state"],
                row["o_steps"],
                row["o_task"],
                row["o_line"],
                row["o_calls"],
            )
            for row in rows
        }

    return Statement(
        "select * from jobcenter.get_job_progress(%(jobs)s::bigint[])",
        {"jobs": list(job_ids)},
        read,
        repeatable=True,
    )


def find_jobs(filter: str, limit: int, who: str | None) -> Statement[list[int]]:
    """The newest jobs whose arguments contain the filter (JSON), of those that `who` may see."""
    return Statement(
        "select * from jobcenter.find_jobs(%(filter)s::jsonb, %(who)s::text) limit %(limit)s",
        {"filter": filter, "limit": limit, "who": who},
        lambda rows: [next(iter(row.values())) for row in rows],
        repeatable=True,
    )


def workflow_info(name: object, tag: object, who: str) -> Statement[dict[str, Any]]:
    """For `who`, if he may see it."""
    return Statement(
        "select jobcenter.get_workflow_info(%(workflow)s::text, %(tag)s::text, %(who)s) as info",
        {"workflow": name, "tag": tag, "who": who},
        lambda rows: dict(rows[0]["info"]),
        repeatable=True,
    )


def claim_tasks(claims: Sequence[Claim]) -> Statement[list[list[Task]]]:
    """Gives the tasks of each claim."""
    asked = [
        {"worker": claim.worker, "action": claim.action, "n": claim.limit, "job": claim.job}
        for claim in claims
    ]

    def read(rows: Sequence[Row]) -> list[list[Task]]:
        tasks: list[list[Task]] = [[] for _ in claims]
        for row in rows:
            tasks[row["o_claim"] - 1].append(task_of(row))
        return tasks

    return Statement(
        "select * from jobcenter.claim_tasks(%(claims)s::json)",
        {"claims": to_json(asked, "the claims")},
        read,
    )


def task_of(row: Row) -> Task:
    return Task(row["o_job_id"], row["o_job_cookie"], row["o_in_args"], row["o_env"] or {})


def announce(
    worker: str, action: str, who: str, filter: Mapping[str, Any] | None
) -> Statement[Announcement]:
    """With a ping: a worker that has come back by another way is alive from now on, whatever was thought of it."""
    return Statement(
        "select a.*, jobcenter.ping(a.o_worker_id)"
        " from jobcenter.announce(%(worker)s, %(action)s, %(who)s, %(filter)s::jsonb) a",
        {
            "worker": worker,
            "action": action,
            "who": who,
            "filter": None if filter is None else to_json(filter, "the filter"),
        },
        lambda rows: Announcement(rows[0]["o_worker_id"], rows[0]["o_listenstring"]),
        repeatable=True,
    )


def withdraw(worker: str, action: str) -> Statement[bool]:
    return Statement(
        "select jobcenter.withdraw(%(worker)s, %(action)s) as withdrawn",
        {"worker": worker, "action": action},
        lambda rows: bool(rows[0]["withdrawn"]),
        repeatable=True,
    )


def poll(worker_ids: Sequence[int]) -> Statement[list[Backlog]]:
    """The actions of these workers that have tasks."""
    return Statement(
        "select o_listenstring, o_ready from jobcenter.poll_tasks(%(workers)s::bigint[])",
        {"workers": list(worker_ids)},
        lambda rows: [Backlog(row["o_listenstring"], row["o_ready"]) for row in rows],
        repeatable=True,
    )


def ping(worker_ids: Sequence[int]) -> Statement[list[int]]:
    """Gives those that the database takes for dead: they must announce themselves again. In the order in which housekeeping gives them up."""
    return Statement(
        "select w.id from unnest(%(workers)s::bigint[]) w (id) where not jobcenter.ping(w.id)",
        {"workers": sorted(worker_ids)},
        lambda rows: [row["id"] for row in rows],
        repeatable=True,
    )


def held(worker: str, known: Sequence[str]) -> Statement[list[tuple[str, Task]]]:
    """The tasks that a worker has without knowing, each with its action's name."""
    return Statement(
        "select * from jobcenter.held_tasks(%(worker)s, %(known)s::text[])",
        {"worker": worker, "known": list(known)},
        lambda rows: [(row["o_action"], task_of(row)) for row in rows],
        repeatable=True,
    )


def give_back(cookies: Sequence[str]) -> Statement[None]:
    return Statement(
        "select jobcenter.give_back(%(cookies)s::text[])",
        {"cookies": list(cookies)},
        lambda rows: None,
        repeatable=True,
    )


def disconnect_silent(workers: Sequence[str], seconds: float) -> Statement[None]:
    """For those that have not pinged for so long."""
    return Statement(
        "select * from jobcenter.disconnect_silent(%(workers)s::text[], make_interval(secs => %(seconds)s))",
        {"workers": list(workers), "seconds": seconds},
        lambda rows: None,
        repeatable=True,
    )
