"""Health: is this process alive, and can it do its work? Judges by what it hears as an observer; `endpoint` serves the answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from jobcenter.observe.observer import LISTENER, Batch, Observer

STALE: Final = 30.0  # seconds without a sign of a part; each gives one every few seconds
DEATHS: Final = 3  # of executor processes, without a batch in between
STARTING: Final = "nothing has connected yet"

Reachable: TypeAlias = Callable[[], Awaitable[bool]]
Report: TypeAlias = dict[str, object]  # what is told in JSON


@dataclass(slots=True)
class Part:
    """`error` is why the part does not work; empty while it does."""

    seen: float
    error: str = ""


class Health(Observer):
    """`executors`: there are some (a worker has none). `clock` is in seconds, and never goes back."""

    def __init__(
        self, *, executors: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._executors = executors
        self._clock = clock
        self._parts: dict[str, Part] = {}
        self._deaths = 0

    def alive(self, part: str) -> None:
        self._parts[part] = Part(self._clock())

    def lost(self, part: str, error: str) -> None:
        # Notifications only hurry things along: without them everything works.
        if part != LISTENER:
            self._parts.setdefault(part, Part(self._clock())).error = error

    def executor_died(self, overdue: bool) -> None:
        self._deaths += 1

    def batch(self, batch: Batch) -> None:
        self._deaths = 0

    async def ready(self, reachable: Reachable) -> tuple[bool, Report]:
        """Whether all is well, and each check by its name: `ok`, and why not. `reachable`: does the database answer now?"""
        checks = {"database": "" if await reachable() else "it does not answer"}
        if self._executors:
            checks["executor"] = "its processes die" if self._deaths >= DEATHS else ""
        checks |= {name: self._trouble(part) for name, part in self._parts.items()}
        if not self._parts:
            checks["connections"] = STARTING
        report = {
            name: {"ok": not why, **({"error": why} if why else {})} for name, why in checks.items()
        }
        well = not any(checks.values())
        return well, {"ready": well, "checks": report}

    def _trouble(self, part: Part) -> str:
        silent = self._clock() - part.seen
        return part.error or (f"no sign of it for {silent:.0f} s" if silent > STALE else "")
