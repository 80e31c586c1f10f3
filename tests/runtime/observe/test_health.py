"""Health: what makes a process unready, and what does not."""

from __future__ import annotations

import asyncio

from jobcenter.observe.health import DEATHS, STALE, Health
from jobcenter.observe.observer import LISTENER, Batch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def troubles(health: Health, *, database: bool = True) -> dict[str, str]:
    """The checks that fail, and why."""

    async def reachable() -> bool:
        return database

    ready, report = asyncio.run(health.ready(reachable))
    checks = report["checks"]
    assert isinstance(checks, dict)
    assert report["ready"] is ready
    assert ready == all(check["ok"] for check in checks.values())
    return {name: check["error"] for name, check in checks.items() if not check["ok"]}


def test_ready_once_something_has_connected() -> None:
    health = Health(executors=True, clock=Clock())
    assert troubles(health) == {"connections": "nothing has connected yet"}
    health.alive("lane 1")
    assert troubles(health) == {}


def test_a_database_that_does_not_answer() -> None:
    health = Health(clock=Clock())
    health.alive("exchange")
    assert troubles(health, database=False) == {"database": "it does not answer"}


def test_a_part_that_is_lost_until_it_is_back() -> None:
    health = Health(clock=Clock())
    health.alive("lane 1")
    health.alive("timers")
    health.lost("lane 1", "server closed the connection")
    assert troubles(health) == {"lane 1": "server closed the connection"}
    health.alive("lane 1")
    assert troubles(health) == {}


def test_a_part_that_gives_no_sign() -> None:
    clock = Clock()
    health = Health(clock=clock)
    health.alive("lane 1")
    clock.now = STALE
    assert troubles(health) == {}
    clock.now = STALE + 1
    assert troubles(health) == {"lane 1": f"no sign of it for {STALE + 1:.0f} s"}


def test_lost_notifications_do_not_matter() -> None:
    health = Health(clock=Clock())
    health.alive("lane 1")
    health.lost(LISTENER, "gone")
    assert troubles(health) == {}


def test_executors_that_die_one_after_the_other() -> None:
    health = Health(executors=True, clock=Clock())
    health.alive("lane 1")
    for _ in range(DEATHS):
        assert troubles(health) == {}
        health.executor_died(overdue=False)
    assert troubles(health) == {"executor": "its processes die"}
    health.batch(Batch(1, 0.1, 0.1, []))
    assert troubles(health) == {}
