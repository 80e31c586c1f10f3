"""The conversation of a worker with the database: answers out, tasks in, over one connection that may break at any time.

One coroutine does all of it, a turn at a time: a turn sends the answers that have come together since the last one and
claims tasks for the free slots, in one transaction. So a busy worker batches by itself and an idle one answers at once.
An answer is kept, and sent again over the next connection, until the database has given its receipt. What a task does,
and in which thread, is the worker's business.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobcenter import statements
from jobcenter.actions import Action, failure
from jobcenter.connections import Backoff
from jobcenter.errors import NoDatabase, Refused, Unavailable, UnknownAction
from jobcenter.link import Line, Link
from jobcenter.network import Notified
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.signals import Signal
from jobcenter.statements import Statement, Task

log = logging.getLogger("jobcenter.worker")

BEAT = 4.0  # seconds between two signs of life, and between two looks for tasks whose notification was lost
ABSENT_BEAT = 0.5  # the same, while an action of ours is not deployed
BATCH = 500  # answers in one statement, tasks in one claim
BYTES = 400_000  # of answers in one statement


@dataclass(slots=True, eq=False)
class Lane:
    """An action and its slots. `ready`: there may be tasks for it. `channel` tells of them, once it is announced;
    `refused` is why it is not."""

    action: Action
    busy: int = 0
    ready: bool = False
    channel: str | None = None
    refused: str = ""

    @property
    def may_claim(self) -> bool:
        return self.ready and self.free > 0

    @property
    def free(self) -> int:
        return min(self.action.slots - self.busy, BATCH)


@dataclass(frozen=True, slots=True)
class Answer:
    job_id: int
    action: str
    outputs: str  # JSON


class Exchange:
    """`run` until `stop`. `begin` is called for each claimed task and must lead to one `answer`."""

    def __init__(
        self,
        name: str,
        link: Link,
        actions: Sequence[Action],
        begin: Callable[[Lane, Task], None],
        observer: Observer = SILENT,
    ) -> None:
        self._name = name
        self._link = link
        self._observer = observer
        self._worker_id: int | None = None
        self._held: set[str] = set()  # cookies of the tasks begun and not receipted
        self._lanes = [Lane(action) for action in actions]
        self._begin = begin
        self._answers: dict[str, Answer] = {}
        self._wake = Signal()
        self._stopping = False

    def answer(self, lane: Lane, task: Task, outputs: str) -> None:
        """A task has been done. To be called in the event loop's thread."""
        lane.busy -= 1
        self._answers[task.cookie] = Answer(task.job_id, lane.action.name, outputs)
        self._wake.set()

    def stop(self) -> None:
        """Claim no more; `run` returns when all that was begun is answered and receipted."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        backoff = Backoff()
        while not self._drained():
            try:
                line = await self._link.open(self._hear)
                try:
                    await self._serve(line)
                finally:
                    await line.close()
            except (NoDatabase, Refused) as error:
                self._observer.lost("exchange", str(error))
                if backoff.news(str(error)):
                    log.warning("%s: %s; trying again", self._name, error)
                await asyncio.sleep(backoff.next())

    def _drained(self) -> bool:
        return self._stopping and not self._answers and not any(lane.busy for lane in self._lanes)

    async def _serve(self, line: Line) -> None:
        await self._announce(line, self._lanes)
        await self._beat(line)
        next_beat = time.monotonic() + self._interval()
        while not self._drained():
            if time.monotonic() >= next_beat:
                await self._beat(line)
                next_beat = time.monotonic() + self._interval()
            self._wake.clear()
            if not await self._turn(line):
                await self._wake.within(next_beat - time.monotonic())
        await line.run(statements.disconnect(self._name))

    def _interval(self) -> float:
        return BEAT if all(lane.channel for lane in self._lanes) else ABSENT_BEAT

    async def _announce(self, line: Line, lanes: Iterable[Lane]) -> None:
        """An action that is not there (yet) is asked for again, and does not hold up the others."""
        absent: list[str] = []
        for lane in lanes:
            action = lane.action
            try:
                announced = await line.run(
                    statements.announce(self._name, action.name, action.filter)
                )
            except Refused as error:
                news = str(error) != lane.refused
                lane.refused = str(error)
                if news and isinstance(error, UnknownAction):
                    absent.append(action.name)
                elif news:
                    log.warning("%s does not serve %s for now: %s", self._name, action.name, error)
                continue
            self._worker_id = announced.worker_id
            await line.listen(announced.channel)
            lane.ready, lane.refused, lane.channel = True, "", announced.channel
        if absent:  # they may be many, as where one workflow of a project is tried
            log.warning(
                "%s does not serve for now what is not deployed: %s", self._name, ", ".join(absent)
            )

    async def _beat(self, line: Line) -> None:
        """A sign of life, and a look for tasks of which we have not heard: a notification may be lost, and a connection
        that broke may have taken the answer of a claim with it."""
        await self._announce(line, [lane for lane in self._lanes if lane.channel is None])
        if self._worker_id is None:
            return
        told = await line.run(statements.beat(self._name, self._worker_id, self._held))
        self._observer.alive("exchange")
        if not told.alive:
            await self._announce(line, self._lanes)
            return
        lanes = {lane.action.name: lane for lane in self._lanes}
        for action in told.waiting:
            lanes[action].ready = True
        for action, task in told.lost:
            await self._take(line, lanes[action], [task])

    def _hear(self, notified: Notified) -> None:
        """A lost connection is found by the next turn, which there is to be at once."""
        for lane in self._lanes:
            if notified.channel in ("", lane.channel):
                lane.ready = True
        self._wake.set()

    async def _turn(self, line: Line) -> bool:
        """Sends a batch of answers and claims tasks for the free slots. False: there was nothing to say."""
        answers = self._next_answers()
        claims = (
            {} if self._stopping else {lane: lane.free for lane in self._lanes if lane.may_claim}
        )
        if not answers and not claims:
            return False
        for lane in claims:
            lane.ready = False  # what is notified from now on counts for the next turn
        try:
            receipts, claimed = await self._talk(line, answers, claims)
        except Unavailable:
            raise  # what is wrong with no answer must not fail one
        except Refused:
            if not answers:
                raise
            receipts, claimed = await self._answer_singly(line, answers), {}
            for lane in claims:
                lane.ready = True
        self._receipted(receipts)
        for lane, tasks in claimed.items():
            lane.ready = lane.ready or len(tasks) == claims[lane]
            await self._take(line, lane, tasks)
        return True

    def _next_answers(self) -> dict[str, Answer]:
        """Those that go into one statement: not too many, and not too long ones together."""
        chosen: dict[str, Answer] = {}
        length = 0
        for cookie, answer in itertools.islice(self._answers.items(), BATCH):
            length += len(answer.outputs)
            if chosen and length > BYTES:
                break
            chosen[cookie] = answer
        return chosen

    async def _take(self, line: Line, lane: Lane, tasks: Sequence[Task]) -> None:
        if tasks:
            await self._observer.claimed(line, lane.action.name, tasks)
        for task in tasks:
            lane.busy += 1
            self._held.add(task.cookie)
            self._begin(lane, task)

    async def _talk(
        self, line: Line, answers: Mapping[str, Answer], claims: Mapping[Lane, int]
    ) -> tuple[dict[str, str], dict[Lane, list[Task]]]:
        """One transaction, one round trip. Gives the receipts, and the tasks of each lane."""
        done = statements.tasks_done({cookie: answer.outputs for cookie, answer in answers.items()})
        wanted = {
            lane: statements.get_tasks(self._name, lane.action.name, limit, unwaited=not answers)
            for lane, limit in claims.items()
        }
        asked: list[Statement[Any]] = [done] if answers else []
        told = await line.run_all([*asked, *wanted.values()])
        receipts = told.pop(0) if answers else {}
        return receipts, dict(zip(wanted, told, strict=True))

    async def _answer_singly(self, line: Line, answers: Mapping[str, Answer]) -> dict[str, str]:
        """One answer that the database cannot take (too large, say) must not hold up its neighbours: it fails its task."""
        receipts: dict[str, str] = {}
        for cookie, answer in answers.items():
            try:
                receipt = await line.run(statements.tasks_done({cookie: answer.outputs}))
            except Unavailable:
                raise
            except Refused as error:
                why = f"the answer of action {answer.action} was refused: {error}"
                refused = failure("normal", why)
                receipt = await line.run(statements.tasks_done({cookie: refused}))
            receipts.update(receipt)
        return receipts

    def _receipted(self, receipts: Mapping[str, str]) -> None:
        for cookie, receipt in receipts.items():
            answer = self._answers.pop(cookie)
            self._held.discard(cookie)
            self._observer.receipt(answer.action, receipt)
            if receipt == "late":
                log.warning(
                    "%s: the answer of action %s for job %d came too late and changed nothing",
                    self._name,
                    answer.action,
                    answer.job_id,
                )
