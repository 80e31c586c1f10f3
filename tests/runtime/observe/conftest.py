"""A Maestro and a worker, watched by whatever a test gives them: in this process, or in processes of their own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jobcenter import Client, JobError, Worker
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.executor import InlineExecutor
from jobcenter.maestro import Maestro
from jobcenter.observe.observer import SILENT, Observer
from tests.runtime.workflows import ADD, calltest

WORKERS = """
from jobcenter import Worker

worker = Worker("e2e")

@worker.action("add")
def add(counter, step):
    return {"counter": counter + step}
"""
# As if a package were not installed.
WITHOUT = "import sys; sys.modules[{!r}] = None; from jobcenter.cli import main; sys.exit(main(sys.argv[1:]))"

PATIENCE = 30.0  # seconds; only a test that fails waits for so long


@asynccontextmanager
async def town(
    dsn: str,
    maestro: Observer = SILENT,
    worker: Observer = SILENT,
    **actions: Callable[..., Any],
) -> AsyncIterator[None]:
    """Both at work meanwhile. At the end they have stopped in order."""
    conductor = Maestro(dsn, executor=lambda: InlineExecutor(maestro), observer=maestro)
    hand = Worker("hand", dsn)
    hand.observer = worker
    for name, function in actions.items():
        hand.action(name)(function)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(conductor.run())
        if actions:
            tasks.create_task(hand.serve())
        try:
            yield
        finally:
            await asyncio.sleep(0)  # so that the worker has begun, and can be stopped
            hand.stop()
            conductor.stop()


async def call(dsn: str, workflow: str, args: Mapping[str, Any]) -> dict[str, Any] | str:
    """What a job gives, or its error's class."""

    def perform() -> dict[str, Any] | str:
        with Client(dsn) as client:
            try:
                return client.call(workflow, args, timeout=PATIENCE)
            except JobError as error:
                return error.error_class

    return await asyncio.to_thread(perform)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(database: str, connection: Connection, tmp_path: Path) -> Iterator[Start]:
    """`start("maestro", …)`; `without` is a package that is not there. Ended, and waited for, at the end."""
    deploy(connection, [ADD, calltest()])
    (tmp_path / "workers.py").write_text(WORKERS)
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, without: str | None = None) -> subprocess.Popen[str]:
        program = ["-m", "jobcenter.cli"] if without is None else ["-c", WITHOUT.format(without)]
        process = subprocess.Popen(
            [sys.executable, *program, *arguments, "--dsn", database],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.communicate()
