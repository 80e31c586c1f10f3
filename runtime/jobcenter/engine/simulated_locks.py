"""The simulator's locks: first come first served, lent to children, and no cycle of jobs that wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from jobcenter.engine.state import Object

Key: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class _Lock:
    """`holders`: who took it, and on top of that to whom it was lent, each with whether it may be lent on."""

    holders: list[tuple[int, bool]] = field(default_factory=list)
    queue: list[tuple[int, bool]] = field(default_factory=list)


class Locks:
    """`is_ancestor(holder, job)`, `children(job)`: those a job waits for."""

    def __init__(
        self, is_ancestor: Callable[[int, int], bool], children: Callable[[int], list[int]]
    ) -> None:
        self._is_ancestor = is_ancestor
        self._children = children
        self._locks: dict[Key, _Lock] = {}

    def take(self, job: int, wanted: Object) -> Object | None:
        """The answer: {} where the job has it, an error where it cannot be; None where it waits for its turn."""
        key = (wanted["type"], wanted["value"])
        lock = self._locks.setdefault(key, _Lock())
        if lock.holders and lock.holders[-1][0] == job:
            return {}
        if self._may_have(lock, job):
            lock.holders.append((job, wanted["inherit"]))
            return {}
        holder = lock.holders[-1][0]
        if wanted.get("try"):
            return _error(f'lock {key[0]} "{key[1]}" is taken by job {holder}')
        if any(self._waits_for(each, job) for each in self._in_the_way(lock, job)):
            return _error(f'deadlock: job {job} waits for lock {key[0]} "{key[1]}" of job {holder}')
        lock.queue.append((job, wanted["inherit"]))
        return None

    def release(self, job: int, type: str, value: str) -> Object:
        lock = self._locks.get((type, value), _Lock())
        if not lock.holders or lock.holders[-1][0] != job:
            return _error(f'this job does not hold lock {type} "{value}"')
        lock.holders.pop()
        return {}

    def leave(self, job: int) -> None:
        """The job has ended."""
        self.forget(job)
        for lock in self._locks.values():
            lock.holders = [holder for holder in lock.holders if holder[0] != job]

    def forget(self, job: int) -> None:
        """The job waits no more."""
        for lock in self._locks.values():
            lock.queue = [waiting for waiting in lock.queue if waiting[0] != job]

    def granted(self) -> list[int]:
        """Gives the free locks to those whose turn it is; gives these jobs."""
        jobs = []
        for lock in self._locks.values():
            following = next((each for each in lock.queue if self._may_have(lock, each[0])), None)
            if following is not None:
                lock.queue.remove(following)
                lock.holders.append(following)
                jobs.append(following[0])
        return jobs

    def _may_have(self, lock: _Lock, job: int) -> bool:
        if not lock.holders:
            return True
        holder, lends = lock.holders[-1]
        return lends and self._is_ancestor(holder, job)

    def _waits_for(self, start: int, job: int) -> bool:
        """Does `start` wait for `job`, by way of locks and children?"""
        seen: set[int] = set()
        look = [start]
        while look:
            each = look.pop()
            if each == job:
                return True
            if each not in seen:
                seen.add(each)
                look += self._children(each)
                for lock in self._locks.values():
                    if any(waiting == each for waiting, _ in lock.queue):
                        look += self._in_the_way(lock, each)
        return False

    def _in_the_way(self, lock: _Lock, job: int) -> list[int]:
        """Whose end a job waits for when it waits for the lock: the holders down to one from whom it may borrow."""
        holders: list[int] = []
        for holder, lends in reversed(lock.holders):
            if lends and self._is_ancestor(holder, job):
                break
            holders.append(holder)
        return holders


def _error(msg: str) -> Object:
    return {"error": {"class": "lock", "msg": msg}}
