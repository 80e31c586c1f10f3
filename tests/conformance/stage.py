"""Runs the conformance kit for real: everything is compiled and deployed at once on one database, with one Maestro and the
workers, all jobs are created, and then waited for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg.types.json import Jsonb

from jcc.compilation import compile_unit, needed
from jcc.diagnostics import Severity
from jcc.workspace import Workspace, diagnostics, file_schemas
from jobcenter.artifact import Definition
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.maestro import Maestro
from tests.conformance.cases import FOLDER, Case, KitFile, Object
from tests.conformance.workers import be_mortal, make_workers

PATIENCE = 60.0  # seconds; only a kit that fails waits for so long


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's output, as `get_job_status` gives it."""

    output: Object


@dataclass(frozen=True, slots=True)
class Said:
    """The database's answer to something that makes no job: why it refuses, None where it does not."""

    refusal: str | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A job that has not ended, and where it is."""

    row: Object


Result: TypeAlias = Ended | Said | Stuck


def make_workspace(files: Sequence[KitFile]) -> Workspace:
    """The kit as the compiler sees it."""
    workspace = Workspace()
    for schema in FOLDER.rglob("*.schema.json"):
        workspace.set_text(schema.relative_to(FOLDER).as_posix(), schema.read_text("utf-8"))
    for file in files:
        workspace.set_text(file.name, file.text)
    return workspace


def compile_kit(workspace: Workspace, files: Sequence[KitFile]) -> list[Definition]:
    """All definitions of the files without errors."""
    paths = [file.name for file in files if not _has_errors(workspace, file)]
    made = []
    for unit in needed(workspace, paths):
        definition, found = compile_unit(workspace, unit)
        assert found == (), (unit.path, found)
        made.append(definition)
    return made


def _has_errors(workspace: Workspace, file: KitFile) -> bool:
    return any(found.severity >= Severity.ERROR for found in diagnostics(workspace, file.name))


def run_cases(
    dsn: str, workspace: Workspace, definitions: Sequence[Definition], cases: Sequence[Case]
) -> dict[str, Result]:
    """What became of each case, by its id."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((FOLDER / "setting.sql").read_bytes())
        deploy(connection, definitions, schemas=file_schemas(workspace))
        with _serving(dsn) as serves:
            begun = {case.id: _begin(connection, case) for case in cases}
            return _ends(connection, begun, serves)


def _begin(connection: Connection, case: Case) -> int | Said:
    """The number of the case's job, or what was said where there is none."""
    extra = None if case.extra is None else Jsonb(case.extra)
    try:
        if case.verb == "announce":
            connection.execute(
                "select jobcenter.announce(%s, %s, %s, %s)", ("asked", case.name, case.role, extra)
            )
            # Only the answer was wanted: its tasks are the workers'.
            connection.execute("select jobcenter.disconnect('asked')")
            return Said(None)
        rows = connection.execute(
            "select o_job_id from jobcenter.create_job(%s, %s, impersonate => %s, env => %s)",
            (case.name, Jsonb(case.given), case.role, extra),
        ).fetchall()
    except psycopg.DatabaseError as error:
        return Said(error.diag.message_primary)
    job: int = rows[0][0]
    return job


def _ends(
    connection: Connection, begun: dict[str, int | Said], serves: Callable[[], bool]
) -> dict[str, Result]:
    results: dict[str, Result] = {id: said for id, said in begun.items() if isinstance(said, Said)}
    open_jobs = {job: id for id, job in begun.items() if isinstance(job, int)}
    end = time.monotonic() + PATIENCE
    while open_jobs and serves() and time.monotonic() < end:
        rows = connection.execute(
            "select job, status from unnest(%s::bigint[]) as job, jobcenter.get_job_status(job) as status"
            " where status is not null",
            (list(open_jobs),),
        ).fetchall()
        for job, status in rows:
            results[open_jobs.pop(job)] = Ended(status)
        time.sleep(0.02)
    for job, id in open_jobs.items():
        (row,) = connection.execute(
            "select to_jsonb(j) from jobcenter.jobs j where job_id = %s", (job,)
        ).fetchall()
        results[id] = Stuck(row[0])
    return results


@contextlib.contextmanager
def _serving(dsn: str) -> Iterator[Callable[[], bool]]:
    """One Maestro and the workers, in an event loop of their own, meanwhile; gives whether they still run."""
    begun = threading.Event()
    box: dict[str, Any] = {}

    async def serve() -> None:
        maestro, workers = Maestro(dsn), make_workers(dsn)
        box["services"], box["loop"] = (maestro, *workers), asyncio.get_running_loop()
        begun.set()
        async with asyncio.TaskGroup() as group:
            mortal = group.create_task(be_mortal(dsn))
            for worker in workers:
                group.create_task(worker.serve())
            await maestro.run()
            mortal.cancel()

    def target() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            box["error"] = error
            begun.set()

    thread = threading.Thread(target=target)
    thread.start()
    begun.wait()
    try:
        yield thread.is_alive
    finally:
        if "error" not in box:
            for service in box["services"]:
                box["loop"].call_soon_threadsafe(service.stop)
        thread.join()
    if "error" in box:
        raise box["error"]
