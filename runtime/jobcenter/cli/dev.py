"""`jobcenter dev`: a project at work while it is being written. What is saved is deployed, and workers start anew.

How it is deployed, and what is said of that, is in `redeploying`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from jobcenter import database
from jobcenter.cli.redeploying import SOURCES, Redeploying
from jobcenter.connections import Backoff
from jobcenter.local import Command, LocalStack
from jobcenter.settings import FILE_NAME, SettingsError

LONGEST_DELAY = 30.0  # seconds before what ends again and again is started once more
LOOK = 0.3  # seconds between two looks at the files
Snapshot = Mapping[Path, int]


def dev(arguments: Namespace) -> int:
    folder = Path(arguments.folder).resolve()
    # SIGINT too: a shell that starts it in the background has it ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    with LocalStack(folder, arguments.dsn) as stack:
        _say(f"database: {database.without_password(stack.dsn)}")
        # Before they are read: what is saved while they are deployed is a change.
        seen = _snapshot(folder, stack.settings_file)
        redeploying = Redeploying(stack, folder, _say)
        redeploying.deploy(seen, seen)
        stack.start()
        _say(f"watching {folder}; end with ctrl-C")
        try:
            _watch(stack, folder, redeploying, seen)
        except KeyboardInterrupt:
            _say("ending")
    return 0


class _Revival:
    """Starts what has ended by itself again: at once, and later and later where it ends again and again."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._backoffs = defaultdict[Command, Backoff](lambda: Backoff(LONGEST_DELAY))
        self._due: dict[Command, float] = {}

    def look(self) -> None:
        now = time.monotonic()
        for child in self._stack.reap():
            delay = self._backoffs[child.command].next()
            self._due[child.command] = now + delay
            when = f" in {delay:.0f} s, or when a file is saved" if delay >= 1 else ""
            _say(f"{child.obituary()}; it starts again{when}")
        later = {command: due for command, due in self._due.items() if due > now}
        if len(later) < len(self._due):
            self._due = later
            self._stack.start(later)


def _watch(stack: LocalStack, folder: Path, redeploying: Redeploying, before: Snapshot) -> None:
    revival = _Revival(stack)
    while True:
        time.sleep(LOOK)
        revival.look()
        now = _snapshot(folder, stack.settings_file)
        changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        before = now
        if any(path.suffix not in (".py", ".toml") for path in changed):
            redeploying.deploy(now, changed)
            stack.start()
        settings_changed = any(path.suffix == ".toml" for path in changed)
        if settings_changed:
            _reread(stack)
        if settings_changed or any(path.suffix == ".py" for path in changed):
            _say("the workers start anew")
            stack.restart_workers()


def _reread(stack: LocalStack) -> None:
    try:
        if not stack.reread_settings():
            _say(f"{FILE_NAME} names another database: end this and start again to use it")
    except SettingsError as error:
        _say(f"{error}; the workers stay what they were")


def _snapshot(folder: Path, settings_file: Path) -> Snapshot:
    """The files that matter, with their times. An editor may replace a file just now: it is seen at the next look."""
    times: dict[Path, int] = {}
    for path in (settings_file, folder / FILE_NAME, *_files(folder)):
        with contextlib.suppress(FileNotFoundError):
            times[path] = path.stat().st_mtime_ns
    return times


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        for name in names:
            if name.endswith((*SOURCES, ".schema.json", ".py")):
                yield Path(parent, name)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(f"dev: {line}", file=sys.stderr, flush=True)
