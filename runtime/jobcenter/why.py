"""Why a job does not go on: what it waits for, who could end that, and why they do not. Reads only; needs the role `jc_admin`.

A job that waits for others (its children, the holder of a lock) is explained by theirs, down to what they wait for in the
end. The facts come from one statement a level; the words are made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from jobcenter.client import Client
from jobcenter.statements import Row, Statement

DEEPEST = 20  # levels of jobs that wait for each other
BROADEST = 5  # children that are explained
MOMENT = 1.0  # seconds that a Maestro may take to come: a job that can go on for less is no trouble
OVERDUE_WORKER = 10.0  # seconds without a sign of life that are worth a word

ENDED = ("zombie", "finished", "error")
UNATTENDED = "no Maestro has taken it up"

SQL: LiteralString = """
select j.job_id, w.name as workflow, j.state::text, j.task_id, t.kind as task, t.line, j.tries, j.parentjob_id, j.timeout, j.in_args,
       j.timeout < now() as overdue, extract(epoch from now() - j.timeout)::float as late,
       extract(epoch from now() - coalesce(case when j.state = 'working' then j.task_started end, j.task_completed, j.task_entered))::float as seconds,
       case when j.state in ('ready', 'working', 'retrywait') then j.out_args #>> '{error,msg}' end as last_error,
       called.name as action, bound.disabled,
       coalesce(bound.config #>> '{retry,tries}', case when j.out_args -> 'error' ? 'retry' then j.out_args #>> '{error,retry,tries}' end) as allowed_tries,
       array(select jsonb_build_object('name', s.name, 'filter', a.filter, 'silent', extract(epoch from now() - s.last_ping)::float,
                                       'busy', (select count(*) from jobcenter.jobs b where b.worker_id = s.worker_id and b.state = 'working'))
             from jobcenter.worker_actions a join jobcenter.workers s using (worker_id)
             where a.queue_id = j.queue_id and s.stopped is null order by s.name) as workers,
       (select count(*) from (select from jobcenter.jobs r where r.state = 'ready' and j.state = 'ready' and r.queue_id = j.queue_id
                              and r.job_id < j.job_id limit 1000) few) as before,
       own.name as worker, extract(epoch from now() - own.last_ping)::float as silent, own.stopped,
       l.locktype, l.lockvalue,
       (select count(*) from jobcenter.lock_waits b where b.locktype = l.locktype and b.lockvalue = l.lockvalue and b.position < l.position) as turn,
       (select k.job_id from jobcenter.locks k where k.locktype = l.locktype and k.lockvalue = l.lockvalue order by k.depth desc limit 1) as holder,
       array(select jsonb_build_object('name', e.name, 'mask', e.mask) from jobcenter.event_subscriptions e
             where e.job_id = j.job_id and j.in_args -> 'events' ? e.name order by e.name) as events,
       array(select c.job_id from jobcenter.jobs c where c.parentjob_id = j.job_id and j.state = 'childwait' and not c.detached
             and c.state not in ('zombie', 'finished', 'error') order by c.job_id) as children,
       (select count(distinct a.pid) from pg_catalog.pg_stat_activity a
        where a.datname = current_database() and a.application_name = 'jobcenter maestro') as maestros,
       (select count(*) from (select from jobcenter.jobs r where r.state in ('done', 'plotting') and r.job_id < j.job_id limit 1000) few) as runnable
from jobcenter.jobs j
join jobcenter.actions w on w.action_id = j.workflow_id
left join jobcenter.tasks t using (workflow_id, task_id)
left join jobcenter.actions called on called.action_id = j.queue_id
left join jobcenter.callees c on c.workflow_id = j.workflow_id and c.queue_id = j.queue_id
left join jobcenter.actions bound on bound.action_id = c.action_id
left join jobcenter.workers own on own.worker_id = j.worker_id
left join jobcenter.lock_waits l on l.job_id = j.job_id
where j.job_id = any (%(jobs)s)
order by j.job_id
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """A job that waits, and for what, in words. `causes`: why that does not come. `others`: the jobs it waits for.
    `moving`: it has only just become able to go on, and waits for nothing that anybody could mend."""

    job_id: int
    workflow: str
    state: str
    place: str
    reason: str
    causes: tuple[str, ...] = ()
    others: tuple[Wait, ...] = ()
    moving: bool = False

    def roots(self) -> Iterator[Wait]:
        """The waits that do not come from those of other jobs."""
        if not self.others:
            yield self
        for other in self.others:
            yield from other.roots()


def explain(client: Client, job_id: int, unattended: str = UNATTENDED) -> Wait | None:
    """None where the job has ended, or is not there. `unattended` is what to say of a job that can go on while no Maestro is connected.
    Raises NoDatabase, PermissionDenied."""
    facts: dict[int, Row] = {}
    look = [job_id]
    for _ in range(DEEPEST):
        found = client.run(_facts(look))
        facts |= {row["job_id"]: row for row in found}
        look = sorted({other for row in found for other in _others(row)} - facts.keys())
        if not look:
            break
    return _wait(facts, job_id, frozenset(), unattended)


def _facts(jobs: Sequence[int]) -> Statement[list[Row]]:
    return Statement(SQL, {"jobs": list(jobs)}, list, repeatable=True)


def _others(row: Row) -> list[int]:
    """The jobs that the job waits for."""
    match row["state"]:
        case "childwait":
            return list(row["children"][:BROADEST])
        case "lockwait" if row["holder"] is not None:
            return [row["holder"]]
        case _:
            return []


def _wait(
    facts: Mapping[int, Row], job_id: int, above: frozenset[int], unattended: str
) -> Wait | None:
    row = facts.get(job_id)
    if row is None or row["state"] in ENDED or job_id in above:
        return None
    others = [_wait(facts, other, above | {job_id}, unattended) for other in _others(row)]
    return Wait(
        job_id,
        row["workflow"],
        row["state"],
        f"line {row['line']}, {row['task']}" if row["task"] else f"task {row['task_id']}",
        _reason(row, unattended),
        tuple(_causes(row)),
        tuple(other for other in others if other is not None),
        _moving(row),
    )


def _moving(row: Row) -> bool:
    match row["state"]:
        case "done" | "plotting":
            return bool(row["seconds"] < MOMENT)
        case "sleeping" | "retrywait":
            return bool(row["overdue"] and row["late"] < MOMENT)
        case _:
            return False


def _reason(row: Row, unattended: str) -> str:
    if _moving(row) and row["maestros"]:
        return "a Maestro is about to take it up"
    match row["state"]:
        case "ready":
            return _unserved(row)
        case "working":
            return f"action {row['action']} is being done by {row['worker'] or 'a worker that is not there'}"
        case "sleeping" | "retrywait" if row["overdue"]:
            return f"its time came at {_time(row['timeout'])}, and no Maestro has woken it"
        case "sleeping":
            return f"it sleeps until {_time(row['timeout'])}"
        case "retrywait":
            return f"it tries action {row['action']} again at {_time(row['timeout'])}"
        case "lockwait":
            holder = "nobody" if row["holder"] is None else f"job {row['holder']}"
            return f"lock {row['locktype']} {row['lockvalue']} is held by {holder}"
        case "eventwait":
            return f"an event of {', '.join((row['in_args'] or {}).get('events', []))}"
        case "childwait":
            return _unended(row["children"])
        case _:
            return UNATTENDED if row["maestros"] else unattended


def _unserved(row: Row) -> str:
    workers, action = row["workers"], row["action"]
    if row["disabled"]:
        return f"action {action} is disabled"
    if not workers:
        return f"action {action} has no worker"
    if not any(_passes(row, worker) for worker in workers):
        return f"action {action} has {_count(len(workers), 'worker')}, but no filter lets its inputs pass"
    return f"action {action} has {_count(len(workers), 'worker')}, and none has taken it"


def _unended(children: Sequence[int]) -> str:
    if not children:
        return "its children have all ended, and nobody has told it"
    shown = ", ".join(map(str, children[:BROADEST]))
    more = f" and {len(children) - BROADEST} more" if len(children) > BROADEST else ""
    return f"{_count(len(children), 'child', 'children')} ({shown}{more})"


def _causes(row: Row) -> Iterator[str]:
    """What more is to be known of it."""
    match row["state"]:
        case "ready":
            yield from _about_workers(row)
        case "working":
            yield from _about_the_worker(row)
        case "lockwait" if row["turn"]:
            yield f"before it in the queue: {_count(row['turn'], 'job')}"
        case "eventwait":
            for event in row["events"]:
                yield f"{event['name']} is any event that contains {_json(event['mask'])}"
        case "done" | "plotting":
            yield from _about_maestros(row)
        case _:
            pass
    if row["last_error"] and row["tries"]:
        of = f" of {row['allowed_tries']}" if int(row["allowed_tries"] or -1) > 0 else ""
        yield f"has failed {_count(row['tries'], 'time')}{of}, the last time with: {row['last_error']}"
    if row["overdue"] and row["state"] in ("sleeping", "retrywait"):
        yield _maestros(row)
    elif row["overdue"]:
        yield f"its time came at {_time(row['timeout'])}; {_maestros(row)}"
    elif row["timeout"] is not None and row["state"] not in ("sleeping", "retrywait"):
        yield f"gives up at {_time(row['timeout'])}"


def _about_workers(row: Row) -> Iterator[str]:
    for worker in row["workers"]:
        if not _passes(row, worker):
            yield f"worker {worker['name']} takes only tasks with {_json(worker['filter'])}"
        else:
            busy = f"has {_count(worker['busy'], 'task')}" if worker["busy"] else "has no task"
            yield f"worker {worker['name']} {busy}, was last heard of {_ago(worker['silent'])}"
    if row["before"]:
        yield f"before it in the queue: {_count(row['before'], 'task')}"


def _about_the_worker(row: Row) -> Iterator[str]:
    yield f"was handed out {_ago(row['seconds'])}"
    if row["worker"] is None:
        yield "the Maestro's housekeeping gives the task up within seconds"
    elif row["stopped"] is not None:
        yield f"the worker is gone since {_time(row['stopped'])}"
    elif row["silent"] > OVERDUE_WORKER:
        yield f"the worker was last heard of {_ago(row['silent'])}"


def _about_maestros(row: Row) -> Iterator[str]:
    yield f"can go on for {row['seconds']:.0f} s; {_maestros(row)}"
    if row["runnable"]:
        yield f"before it: {_count(row['runnable'], 'job')} that can go on"


def _maestros(row: Row) -> str:
    return "a Maestro is connected" if row["maestros"] else "no Maestro is connected"


def _passes(row: Row, worker: Mapping[str, Any]) -> bool:
    """As the function passes_filter of the database."""
    inputs = row["in_args"] or {}
    return all(
        name in inputs
        and (inputs[name] == wanted or (isinstance(wanted, list) and inputs[name] in wanted))
        for name, wanted in (worker["filter"] or {}).items()
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _time(moment: Any) -> str:
    """In this machine's time zone. Any: a datetime, or null where the database breaks its promises."""
    return "no time" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _ago(seconds: float) -> str:
    return f"{max(seconds, 0):.0f} s ago"


def _count(number: int, one: str, many: str | None = None) -> str:
    shown = "1000 or more" if number >= 1000 else str(number)
    return f"{shown} {one if number == 1 else many or one + 's'}"
