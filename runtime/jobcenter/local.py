"""A whole JobCenter of one's own, for as long as it is wanted: database, Maestro and the project's workers.

For `jcc run` and `jobcenter dev`. What it starts are ordinary `jobcenter` processes; they end with it, also when it is
killed. It deploys nothing: that is the compiler's part, between `with` and `start`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from jobcenter import database, lifeline, migrate, settings
from jobcenter.client import Client
from jobcenter.statements import Arguments
from jobcenter.waiting import explain_wait, result_explained, result_watched

GRACE = 10.0  # seconds for a process to end in order
STDERR = 2
STARTING = "its Maestro is starting"  # one that has ended is told of before
Command: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the stack: `jobcenter` and this command."""

    command: Command
    process: subprocess.Popen[bytes]

    def obituary(self) -> str:
        status = self.process.returncode
        how = f"was ended by {_signal(-status)}" if status < 0 else f"ended with status {status}"
        return f"`jobcenter {' '.join(self.command)}` {how}"


class LocalStack:
    """`with LocalStack(folder) as stack:` has a database of this program's version; deploy to `stack.dsn`, then
    `stack.start()` or `stack.run_workflow(…)`.

    `start` is a file or folder of the project (its jobcenter.toml names workers and perhaps a database); `dsn` goes
    before it. Raises NoDatabase, SettingsError, MigrationError.
    """

    def __init__(self, start: Path | None = None, dsn: str | None = None) -> None:
        self._start = start
        self._settings = settings.find(start)
        self._choice = database.choose(dsn, start)
        self._children: list[Child] = []
        self._lifeline: tuple[int, int] | None = None
        self._client: Client | None = None
        self.dsn = ""

    def __enter__(self) -> LocalStack:
        self.dsn = self._choice.dsn or database.resolve(None, self._settings.folder)
        with database.connect(self.dsn) as connection:
            migrate.upgrade(connection)
        self._client = Client(self.dsn)
        self._lifeline = os.pipe()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        if self._client is not None:
            self._client.close()
        if self._lifeline is not None:
            for descriptor in self._lifeline:
                os.close(descriptor)
            self._lifeline = None

    @property
    def client(self) -> Client:
        """A client of this stack's database, for the thread that made the stack."""
        assert self._client is not None, "to be used inside `with`"
        return self._client

    def start(self, later: Collection[Command] = ()) -> None:
        """Starts the Maestro and the project's workers, those of them that do not run, but for those of `later`."""
        running = {child.command for child in self._children}
        for command in (("maestro",), *(("worker", name) for name in self._settings.workers)):
            if command not in running and command not in later:
                self._children.append(self._spawn(command))

    def owns_database_of(self, folder: Path) -> bool:
        """Whether all that is deployed is this folder's: the database is its own embedded one."""
        return self._choice.dsn is None and self._settings.folder == folder

    @property
    def settings_file(self) -> Path:
        """The jobcenter.toml of the project, which need not be there."""
        return self._settings.folder / settings.FILE_NAME

    def reread_settings(self) -> bool:
        """For a program that has seen jobcenter.toml change: which workers there are. False where the file now names another
        database: this stack stays with its own. Raises SettingsError, and nothing has changed."""
        read = settings.find(self._start)
        same = (read.dsn, read.data) == (self._settings.dsn, self._settings.data)
        self._settings = read
        return same

    def restart_workers(self) -> None:
        """For a program that has seen their files, or jobcenter.toml, change."""
        workers = [child for child in self._children if child.command[0] == "worker"]
        self._children = [child for child in self._children if child not in workers]
        _end(workers)
        self.start()

    def reap(self) -> list[Child]:
        """Gives the processes that have ended by themselves since; `start` starts them again."""
        ended = [child for child in self._children if child.process.poll() is not None]
        self._children = [child for child in self._children if child not in ended]
        return ended

    def stop(self) -> None:
        """Ends all that was started, in order or by force."""
        _end(self._children)
        self._children = []

    def run_workflow(
        self,
        workflow: str,
        args: Arguments,
        timeout: float | None = None,
        say: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        """Creates a job, waits for it and gives its outputs, as `Client.call` does. While nothing moves, `say` gets a line that
        says what the job waits for; without it, standard error does, and on a terminal it shows where the job is."""
        self.start()
        job = self.client.create_job(workflow, args)
        if say is None:
            return result_watched(self.client, job.id, timeout, self._obituary, STARTING)
        return result_explained(self.client, job.id, timeout, say, self.explain_wait)

    def explain_wait(self, job_id: int) -> str | None:
        """What the job waits for, in words; None when it has ended or is on its way."""
        return self._obituary() or explain_wait(self.client, job_id, STARTING)

    def _obituary(self) -> str | None:
        ended = (child for child in self._children if child.process.poll() is not None)
        return next((child.obituary() for child in ended), None)

    def _spawn(self, command: Command) -> Child:
        assert self._lifeline is not None, "to be used inside `with`"
        reading, _ = self._lifeline
        environment = {**os.environ, lifeline.VARIABLE: str(reading)}
        if self._choice.dsn is not None:
            environment[database.VARIABLE] = self._choice.dsn
        process = subprocess.Popen(
            [sys.executable, "-m", "jobcenter.cli", *command, "--log-level", "warning"],
            cwd=self._settings.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=STDERR,  # standard output is for the outputs of a workflow
            pass_fds=(reading,),
            start_new_session=True,  # a ctrl-C is for the stack, which then ends them in order
        )
        return Child(command, process)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time ones have no names
        return f"signal {number}"


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.process.terminate()
    for child in children:
        try:
            child.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
