"""`jobcenter doctor` and `jobcenter why`: what is wrong with an installation, and with a job."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from jobcenter import database, inspection
from jobcenter import doctor as examination
from jobcenter import why as reasons
from jobcenter.cli.output import print_json, print_rows
from jobcenter.client import Client
from jobcenter.connections import translated
from jobcenter.errors import UnknownJob


def doctor(arguments: Namespace) -> int:
    with database.connect(arguments.dsn) as connection, translated():
        findings = examination.examine(connection)
    rows = [asdict(finding) for finding in findings]
    if not arguments.json:
        rows = [{**row, "examples": "; ".join(row["examples"])} for row in rows]
    columns = {
        "check": "check",
        "violations": "violations",
        "promise": "what must hold",
        "examples": "examples",
    }
    print_rows(rows, columns, as_json=arguments.json, empty="no checks")
    return 1 if any(finding.violations for finding in findings) else 0


def why(arguments: Namespace) -> int:
    with Client(arguments.dsn) as client:
        job = client.run(inspection.job(arguments.job))
        wait = reasons.explain(client, arguments.job)
    if job is None:
        raise UnknownJob(f"no job {arguments.job}")
    if arguments.json:
        print_json(None if wait is None else asdict(wait))
    elif wait is None:
        print(f"job {arguments.job} has ended: {job['state']}")
    else:
        print("\n".join(_lines(wait, 0)))
    return 0


def _lines(wait: reasons.Wait, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}job {wait.job_id} ({wait.workflow}, {wait.place}) {wait.state}: {wait.reason}"
    for cause in wait.causes:
        yield f"{indent}  - {cause}"
    for other in wait.others:
        yield from _lines(other, depth + 1)
