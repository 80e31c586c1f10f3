"""What a Maestro, a worker and the network API tell of themselves while they work, and to whom: the seam between them and all that watches.

The base class hears everything and does nothing. Its methods are called on hot paths, a few times a batch: they must neither
block nor raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

if TYPE_CHECKING:
    from jobcenter.link import Line
    from jobcenter.statements import Task

T = TypeVar("T")

# Called with a task's answer, as JSON text.
Answered: TypeAlias = Callable[[str], None]
# Called with the status that a request is answered with.
Served: TypeAlias = Callable[[int], None]

LISTENER: Final = "listener"
FAILED: Final = '{"error":'  # how the answer of a failed task begins


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of a Maestro that is committed: how many jobs were claimed, the seconds that the executor and then the database
    took, and a tally (see `engine.tally`) for each part of the results."""

    jobs: int
    run_seconds: float
    store_seconds: float
    tallies: Sequence[str]


class Observer:
    """Hears and does nothing. A part is what has a connection of its own, or asks for itself: `lane 1`, `timers`, `exchange`;
    of the API `listener`, `dispatch`, `workers`, `endings`."""

    counts = False  # whether batches are to come with tallies

    def alive(self, part: str) -> None:
        """The part is connected and has just had a look for work."""

    def lost(self, part: str, error: str) -> None:
        """The part has lost its connection, or got none."""

    def batch(self, batch: Batch) -> None:
        """A Maestro's lane has committed a batch."""

    def executor_died(self, overdue: bool) -> None:
        """An executor process has ended; `overdue`: it was killed, since a step took too long."""

    async def claimed(self, line: Line, action: str, tasks: Sequence[Task]) -> None:
        """A worker has these tasks, and is about to begin them. The line may be used; its errors may not be raised."""

    def task(self, action: str, task: Task) -> AbstractContextManager[Answered]:
        """Round the work at a task, in the thread or coroutine that does it. What is given is to be called with the answer."""
        return NOTHING

    def receipt(self, action: str, receipt: str) -> None:
        """The database's word on an answer: `recorded`, `duplicate` or `late`. The API does not know the action: it is empty."""

    # Of the network API alone.

    def peers(self, count: int) -> None:
        """So many connections there are now."""

    def workers(self, count: int) -> None:
        """So many workers are served now."""

    def called(self, method: str, failed: bool, seconds: float) -> None:
        """A call of JSON-RPC has been answered, by an error where it `failed`."""

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request by HTTP has been answered. `route` is the path as it is written in the documentation."""

    def serving(
        self, method: str, route: str, traceparent: str | None
    ) -> AbstractContextManager[Served]:
        """Round a request by HTTP, in the coroutine that answers it; `traceparent` is its header. What is given is to be called
        with the answer's status."""
        return NOTHING

    def login_refused(self) -> None:
        """Somebody said hello, and was not let in."""

    def batched(self, kind: str, size: int) -> None:
        """So many were asked of the database together: `create`, `claim`, `answer`, `status`."""


class _Nothing(AbstractContextManager[Callable[[object], None]]):
    def __enter__(self) -> Callable[[object], None]:
        return _ignore

    def __exit__(self, *exc: object) -> None:
        pass


def _ignore(_: object) -> None:
    pass


NOTHING: Final = _Nothing()
SILENT: Final = Observer()


class Observers(Observer):
    """Several that hear the same."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers
        # Of what happens for each task, only those hear who have an ear for it.
        self._timers = [each for each in observers if type(each).task is not Observer.task]
        self._servers = [each for each in observers if type(each).serving is not Observer.serving]
        self._readers = [each for each in observers if type(each).receipt is not Observer.receipt]
        self.counts = any(observer.counts for observer in observers)

    def alive(self, part: str) -> None:
        for observer in self._observers:
            observer.alive(part)

    def lost(self, part: str, error: str) -> None:
        for observer in self._observers:
            observer.lost(part, error)

    def batch(self, batch: Batch) -> None:
        for observer in self._observers:
            observer.batch(batch)

    def executor_died(self, overdue: bool) -> None:
        for observer in self._observers:
            observer.executor_died(overdue)

    async def claimed(self, line: Line, action: str, tasks: Sequence[Task]) -> None:
        for observer in self._observers:
            await observer.claimed(line, action, tasks)

    def task(self, action: str, task: Task) -> AbstractContextManager[Answered]:
        match self._timers:
            case []:
                return NOTHING
            case [only]:
                return only.task(action, task)
            case _:
                return _all_of([observer.task(action, task) for observer in self._timers])

    def receipt(self, action: str, receipt: str) -> None:
        for observer in self._readers:
            observer.receipt(action, receipt)

    def peers(self, count: int) -> None:
        for observer in self._observers:
            observer.peers(count)

    def workers(self, count: int) -> None:
        for observer in self._observers:
            observer.workers(count)

    def called(self, method: str, failed: bool, seconds: float) -> None:
        for observer in self._observers:
            observer.called(method, failed, seconds)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        for observer in self._observers:
            observer.requested(method, route, status, seconds)

    def serving(
        self, method: str, route: str, traceparent: str | None
    ) -> AbstractContextManager[Served]:
        return _all_of([each.serving(method, route, traceparent) for each in self._servers])

    def login_refused(self) -> None:
        for observer in self._observers:
            observer.login_refused()

    def batched(self, kind: str, size: int) -> None:
        for observer in self._observers:
            observer.batched(kind, size)


@contextmanager
def _all_of(
    contexts: Sequence[AbstractContextManager[Callable[[T], None]]],
) -> Iterator[Callable[[T], None]]:
    with ExitStack() as stack:
        told = [stack.enter_context(context) for context in contexts]

        def tell(what: T) -> None:
            for each in told:
                each(what)

        yield tell
