"""Jobs that the lanes of a Maestro pass over, since their values are so large that a batch's other jobs would wait for them. A lane of its own
takes them, one by one.

Only what this Maestro has seen of them: it may forget any, and finds them again when it looks for work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from jobcenter.signals import Signal


class Aside:
    """`news` is set when there may be something to take."""

    def __init__(self) -> None:
        self.news = Signal()
        self._passed: set[int] = set()
        self._offered: deque[int] = deque()

    def passed(self) -> str:
        """The jobs that a lane is to leave alone, as Postgres writes an array."""
        return f"{{{','.join(map(str, self._passed))}}}"

    def pass_over(self, jobs: Iterable[int]) -> None:
        """A lane has found these. It still has them locked."""
        self._passed.update(jobs)

    def offer(self, jobs: Iterable[int]) -> None:
        """That lane has let go of them."""
        self._offered.extend(jobs)
        if self._offered:
            self.news.set()

    def take(self) -> int | None:
        """The next job to be taken; the lanes leave it alone until `done`."""
        if self._offered:
            return self._offered.popleft()
        self.news.clear()
        return None

    def done(self, job: int) -> None:
        """What has become of it is stored, or somebody else has it: where it may go on again, a lane will find it."""
        self._passed.discard(job)
