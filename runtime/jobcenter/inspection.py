"""What people ask of the database: jobs, their steps and trees, workers, figures. Reads only; needs the role `jc_admin`.

Each row is a dict that is also the answer of `--json`. Programs have `Client` for what they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, TypeAlias

from jobcenter.statements import Row, Statement

Record: TypeAlias = dict[str, Any]  # the columns of a query, by name

# Jobs, archived ones too, found by the indexes of both tables.
EVERY: LiteralString = """(
    select job_id, root_id, parentjob_id, workflow_id, task_id, state, stepcounter, tries, timeout, job_created, task_entered,
           job_finished, arguments, environment, variables, in_args, out_args
    from jobcenter.jobs
    union all
    select job_id, root_id, parentjob_id, workflow_id, task_id, state, stepcounter, tries, timeout, job_created, task_entered,
           job_finished, arguments, environment, variables, in_args, out_args
    from jobcenter.jobs_archive
)"""
COLUMNS: LiteralString = """
select j.job_id, w.name as workflow, w.version, j.state::text, j.parentjob_id, j.task_id, t.kind as task, t.line,
       callee.name as action, j.stepcounter, j.tries, j.timeout, j.job_created, j.task_entered, j.job_finished,
       j.arguments, j.environment, j.variables, j.in_args, j.out_args
"""
NAMES: LiteralString = """
join jobcenter.actions w on w.action_id = j.workflow_id
left join jobcenter.tasks t using (workflow_id, task_id)
left join jobcenter.actions callee on callee.action_id = t.action_id
"""
JOBS = COLUMNS + "from " + EVERY + " j" + NAMES


def _records(rows: Sequence[Row]) -> list[Record]:
    return [dict(row) for row in rows]


def _record(rows: Sequence[Row]) -> Record | None:
    return dict(rows[0]) if rows else None


def jobs(*, state: str | None, workflow: str | None, limit: int) -> Statement[list[Record]]:
    """The newest jobs first."""
    return Statement(
        JOBS + " where (%(state)s::text is null or j.state::text = %(state)s)"
        " and (%(workflow)s::text is null or w.name = %(workflow)s)"
        " order by j.job_id desc limit %(limit)s",
        {"state": state, "workflow": workflow, "limit": limit},
        _records,
    )


def job(job_id: int) -> Statement[Record | None]:
    return Statement(JOBS + " where j.job_id = %(job)s", {"job": job_id}, _record)


def tree(job_id: int) -> Statement[list[Record]]:
    """The whole tree that the job is in, in the order of their numbers: parents come before their children."""
    return Statement(
        "with recursive tree as ("
        " select r.* from " + EVERY + " r where r.job_id ="
        "  (select e.root_id from " + EVERY + " e where e.job_id = %(job)s)"
        " union all"
        " select c.* from tree p join " + EVERY + " c on c.parentjob_id = p.job_id"
        ")" + COLUMNS + "from tree j" + NAMES + " order by j.job_id",
        {"job": job_id},
        _records,
    )


def log(job_id: int) -> Statement[list[Record]]:
    """The steps of a job, in the order they ran."""
    return Statement(
        "select l.step, l.task_id, t.kind as task, t.line, callee.name as action, w.name as worker,"
        " l.task_entered, l.task_started, l.task_completed, l.task_inargs, l.task_outargs, l.variables, l.task_error"
        " from jobcenter.job_task_log l"
        " left join jobcenter.tasks t using (workflow_id, task_id)"
        " left join jobcenter.actions callee on callee.action_id = t.action_id"
        " left join jobcenter.workers w using (worker_id)"
        " where l.job_id = %(job)s order by l.job_log_id, l.step",
        {"job": job_id},
        _records,
    )


def workers(*, everyone: bool) -> Statement[list[Record]]:
    """The living workers; with `everyone` also those that have stopped."""
    return Statement(
        "select w.worker_id, w.name, w.rolename, w.started, w.last_ping, w.stopped,"
        " array(select a.name from jobcenter.worker_actions x join jobcenter.actions a on a.action_id = x.queue_id"
        "       where x.worker_id = w.worker_id order by a.name) as actions,"
        " (select count(*) from jobcenter.jobs j where j.worker_id = w.worker_id and j.state = 'working') as working"
        " from jobcenter.workers w where %(everyone)s or w.stopped is null order by w.worker_id",
        {"everyone": everyone},
        _records,
    )


def locks() -> Statement[list[Record]]:
    """Who holds which lock, and which jobs wait for it, in their turn."""
    return Statement(
        "select distinct on (k.locktype, k.lockvalue) k.locktype, k.lockvalue, k.job_id, k.inheritable, k.taken,"
        " array(select l.job_id from jobcenter.lock_waits l where l.locktype = k.locktype"
        "       and l.lockvalue = k.lockvalue order by l.position) as waiting"
        " from jobcenter.locks k order by k.locktype, k.lockvalue, k.depth desc",
        {},
        _records,
    )


def states() -> Statement[list[Record]]:
    """How many jobs are in which state, of which workflow; the oldest of them. Archived jobs are not counted."""
    return Statement(
        "select w.name as workflow, j.state::text, count(*) as jobs, min(j.job_created) as oldest"
        " from jobcenter.jobs j join jobcenter.actions w on w.action_id = j.workflow_id"
        " group by w.name, j.state order by w.name, j.state",
        {},
        _records,
    )


def ended() -> Statement[list[Record]]:
    """What has ended in the last 24 hours (whole ones), by workflow, and how long it took on average."""
    return Statement(
        "select w.name as workflow, sum(e.finished)::bigint as finished, sum(e.failed)::bigint as failed,"
        " round((sum(e.seconds) / sum(e.finished + e.failed))::numeric, 3)::float8 as seconds"
        " from (select workflow_id, finished, failed, seconds from jobcenter.call_stats"
        "       where hour > now() - interval '24 hours'"
        "       union all"
        "       select workflow_id, (state = 'finished')::integer, (state = 'error')::integer,"
        "       extract(epoch from job_finished - job_created) from jobcenter.jobs"
        "       where state in ('finished', 'error') and job_finished > now() - interval '24 hours') e"
        " join jobcenter.actions w on w.action_id = e.workflow_id"
        " group by w.name order by w.name",
        {},
        _records,
    )
