"""`jobcenter workers`, `locks`, `errors`, `stale`, `stats`, `events`: all of an installation at a glance."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from jobcenter import inspection
from jobcenter.cli.documents import read_object
from jobcenter.cli.output import print_fields, print_json, print_rows
from jobcenter.client import Client
from jobcenter.observe.figures import figures

JOBS = {"workflow": "workflow", "state": "state", "jobs": "jobs", "oldest": "oldest"}
QUEUES = {
    "action": "action",
    "ready": "ready",
    "oldest_seconds": "oldest (s)",
    "working": "working",
    "workers": "workers",
}
ENDED = {
    "workflow": "workflow",
    "finished": "finished",
    "failed": "failed",
    "seconds": "seconds each",
}


def workers(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        rows = client.run(inspection.workers(everyone=arguments.all))
    columns = {
        "worker_id": "number",
        "name": "worker",
        "actions": "serves",
        "working": "tasks",
        "started": "since",
        "last_ping": "last heard of",
        "stopped": "stopped",
    }
    print_rows(
        [
            {**row, "actions": row["actions"] if arguments.json else ", ".join(row["actions"])}
            for row in rows
        ],
        columns,
        as_json=arguments.json,
        empty="no workers",
    )
    return 0


def locks(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        rows = client.run(inspection.locks())
    columns = {
        "locktype": "lock",
        "lockvalue": "value",
        "job_id": "held by",
        "taken": "since",
        "waiting": "waiting",
    }
    print_rows(rows, columns, as_json=arguments.json, empty="no locks are held")
    return 0


def errors(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        failed = client.run(inspection.jobs(state="error", workflow=None, limit=arguments.limit))
    rows = [{**row, "error": (row["out_args"] or {}).get("error")} for row in failed]
    for row in rows:
        error = row["error"] if isinstance(row["error"], dict) else {"msg": row["error"]}
        row |= {"class": error.get("class"), "msg": error.get("msg")}
    columns = {
        "job_id": "job",
        "workflow": "workflow",
        "job_finished": "ended",
        "line": "line",
        "class": "class",
        "msg": "message",
    }
    print_rows(rows, columns, as_json=arguments.json, empty="no errors")
    return 0


def stale(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        rows = [asdict(entry) for entry in client.get_stale_actions()]
    columns = {
        "workflow": "workflow",
        "version": "version",
        "callee": "calls",
        "bound_version": "in version",
        "newest_version": "newest",
    }
    print_rows(rows, columns, as_json=arguments.json, empty="nothing is stale")
    return 0


def stats(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        jobs, ended = client.run(inspection.states()), client.run(inspection.ended())
        told = asdict(client.run(figures()))
    queues = told.pop("queues")
    for name in ("sample_seconds", "jobs"):  # what metrics need, and people have by workflow
        del told[name]
    if arguments.json:
        print_json({"jobs": jobs, "queues": queues, "ended": ended, **told})
        return 0
    print_rows(jobs, JOBS, as_json=False, empty="no jobs")
    print()
    print_rows(queues, QUEUES, as_json=False, empty="no actions")
    print("\nended in the last 24 hours:")
    print_rows(ended, ENDED, as_json=False, empty="nothing")
    print()
    print_fields(
        {
            "workers": told["workers"],
            "locks held": told["locks_held"],
            "oldest job that can go on": f"{told['runnable_oldest_seconds']:.1f} s",
            "timers are behind": f"{told['timer_lag_seconds']:.1f} s",
        }
    )
    return 0


def raise_event(arguments: Namespace) -> int:
    event = read_object(arguments.event, "JSON")
    with Client(arguments.dsn) as client:
        told = client.raise_event(event)
    if arguments.json:
        print_json({"subscriptions": told})
    else:
        matching = {0: "no subscription matches", 1: "1 subscription matches"}
        print(f"raised: {matching.get(told, f'{told} subscriptions match')} it")
    return 0
