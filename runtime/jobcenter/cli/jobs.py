"""`jobcenter call` and `jobcenter job …`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jobcenter import inspection
from jobcenter.cli.documents import read_object, refuse_unknown
from jobcenter.cli.output import complain, print_fields, print_json, print_rows
from jobcenter.client import Client
from jobcenter.errors import JobError, UnknownJob
from jobcenter.inspection import Record
from jobcenter.waiting import explain_wait, result_watched

JOB_COLUMNS = {
    "job_id": "job",
    "workflow": "workflow",
    "state": "state",
    "task": "at",
    "line": "line",
    "action": "calls",
    "job_created": "created",
    "job_finished": "ended",
}
STEP_COLUMNS = {
    "task_id": "task",
    "task": "kind",
    "line": "line",
    "action": "calls",
    "worker": "worker",
    "task_completed": "completed",
    "task_inargs": "in",
    "task_outargs": "out",
    "variables": "variables",
    "task_error": "error",
}


def call(arguments: Namespace) -> int:
    given = read_object(arguments.arguments, "ARGUMENTS")
    env = None if arguments.env is None else read_object(arguments.env, "--env")
    with Client(arguments.dsn) as client:
        refuse_unknown(given, client.get_workflow_info(arguments.workflow, arguments.tag))
        job = client.create_job(
            arguments.workflow, given, tag=arguments.tag, env=env, key=arguments.key
        )
        if arguments.no_wait:
            print(f'{{"job_id": {job.id}}}' if arguments.json else job.id)
            return 0
        try:
            print_json(result_watched(client, job.id, arguments.timeout))
        except JobError as error:
            if arguments.json:
                print_json({"job_id": job.id, "error": error.error})
            raise
        except KeyboardInterrupt:
            complain(f"job {job.id} goes on, until `jobcenter job cancel {job.id}`")
            raise
    return 0


def list_jobs(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        statement = inspection.jobs(
            state=arguments.state, workflow=arguments.workflow, limit=arguments.limit
        )
        rows = client.run(statement)
    print_rows(rows, JOB_COLUMNS, as_json=arguments.json, empty="no jobs")
    return 0


def show(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        job = _job(client, arguments.job)
        waits = explain_wait(client, arguments.job)
    if arguments.json:
        print_json({**job, "waits_for": waits})
        return 0
    ended = job["job_finished"] is not None
    error = (job["out_args"] or {}).get("error") if job["state"] == "error" else None
    print_fields(
        {
            "job": job["job_id"],
            "workflow": f"{job['workflow']} (version {job['version']})",
            "state": job["state"],
            "at": _place(job),
            "waits for": waits,
            "parent": job["parentjob_id"],
            "steps": job["stepcounter"],
            "tries": job["tries"] or None,
            "created": job["job_created"],
            "ended": job["job_finished"],
            "arguments": job["arguments"],
            "environment": job["environment"],
            "variables": job["variables"],
            "output": job["out_args"] if ended and error is None else None,
            "error": error,
        }
    )
    return 0


def log(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        _job(client, arguments.job)
        rows = client.run(inspection.log(arguments.job))
    # The columns are many: those without a value are left out.
    used = {
        key: title
        for key, title in STEP_COLUMNS.items()
        if any(row[key] is not None for row in rows)
    }
    print_rows(rows, used, as_json=arguments.json, empty="no step has been logged yet")
    return 0


def tree(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        _job(client, arguments.job)
        rows = client.run(inspection.tree(arguments.job))
    if arguments.json:
        print_json(rows)
    else:
        for depth, row in _indented(rows, None, 0):
            mark = " <-" if row["job_id"] == arguments.job else ""
            print(f"{'  ' * depth}{row['job_id']} {row['workflow']} {row['state']}{mark}")
    return 0


def cancel(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        done = client.cancel_job(arguments.job, arguments.reason, force=arguments.force)
    return _did(done, arguments, "is cancelled", "has ended already")


def retry(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        done = client.retry_job(arguments.job, arguments.reason)
    no = "has no task that a worker has or that waits for a try, and is no job that failed for itself"
    return _did(done, arguments, "is tried again", no)


def find(arguments: Namespace) -> int:
    wanted = read_object(arguments.filter, "JSON")
    with Client(arguments.dsn) as client:
        found = client.find_jobs(wanted)
    if arguments.json:
        print_json(found)
    else:
        print("\n".join(map(str, found)) or "no jobs")
    return 0


def _job(client: Client, job_id: int) -> Record:
    found = client.run(inspection.job(job_id))
    if found is None:
        raise UnknownJob(f"no job {job_id}")
    return found


def _did(done: bool, arguments: Namespace, yes: str, no: str) -> int:
    if arguments.json:
        print_json(done)
    elif done:
        print(f"job {arguments.job} {yes}")
    else:
        complain(f"job {arguments.job} {no}")
    return 0 if done else 1


def _place(job: Record) -> str:
    called = f" {job['action']}" if job["action"] else ""
    return f"task {job['task_id']}, {job['task']}{called}, line {job['line']}"


def _indented(rows: Sequence[Record], parent: int | None, depth: int) -> list[tuple[int, Record]]:
    """The rows below `parent` in the order of the tree, each with its depth."""
    lines: list[tuple[int, Record]] = []
    for row in rows:
        if row["parentjob_id"] == parent:
            lines += [(depth, row), *_indented(rows, row["job_id"], depth + 1)]
    return lines
