"""Which worker is told of which task. Hands out nothing itself: a worker that was told asks, and its question is a claim.

A `Lane` is an action that one connected worker serves, a `Queue` all lanes of an action. An offer takes a slot of the lane's group for as
long as the worker needs to ask, and the task keeps it until it is answered. Notifications say that there are tasks; how many, is asked
of the database when it has to be known, for all queues at once.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from jobcenter.api import calls
from jobcenter.api.service import Service
from jobcenter.errors import NoDatabase, Refused
from jobcenter.signals import within
from jobcenter.statements import Task

log = logging.getLogger("jobcenter.api")

Hint: TypeAlias = int | str  # a job's number, or a text that stands for whichever job there is

OFFER: Final = 10.0  # seconds in which a worker has to ask for what it was told of
POLL: Final = 4.0  # seconds between two looks for tasks whose notification was lost
PART: Final = "dispatch"
SETTLE: Final = 0.1  # seconds after its announcement before a worker is told of tasks: it has to read the answer first


@dataclass(slots=True, eq=False)
class SlotGroup:
    """How many tasks at once, for one action or several."""

    name: str
    slots: int
    used: int = 0
    lanes: list[Lane] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.slots - self.used


@dataclass(slots=True, eq=False)
class Lane:
    """`tell` sends `task_ready`. `worker` is the name in the database. `found` are tasks that the worker has without knowing.
    A filter lets some tasks pass only: after a claim in vain such a lane is `dry` until there is news."""

    action: str
    worker: str
    worker_id: int
    group: SlotGroup
    tell: Callable[[str, Hint], None]
    filtered: bool
    queue: Queue
    offers: dict[Hint, asyncio.TimerHandle] = field(default_factory=dict)
    found: deque[Task] = field(default_factory=deque)
    dry: bool = False
    settled: bool = False

    @property
    def can_take(self) -> bool:
        return self.settled and not self.dry and self.group.free > 0


@dataclass(slots=True, eq=False)
class Queue:
    """An action's lanes, the next one to be told first. `backlog` is how many tasks are thought to be ready and not offered;
    `dirty`: how many, is to be asked. `claiming` counts the claims on their way."""

    channel: str
    tell: Callable[[str], None]
    lanes: deque[Lane] = field(default_factory=deque)
    backlog: int = 0
    claiming: int = 0
    dirty: bool = True

    @property
    def offered(self) -> int:
        return sum(len(lane.offers) for lane in self.lanes)

    def next_lane(self) -> Lane | None:
        """In turn, so that all get work."""
        for _ in range(len(self.lanes)):
            lane = self.lanes[0]
            self.lanes.rotate(-1)
            if lane.can_take:
                return lane
        return None


class Dispatcher:
    """`run` until cancelled."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._queues: dict[str, Queue] = {}
        self._look = asyncio.Event()
        self._stopping = False

    def queue(self, channel: str) -> Queue:
        """The queue of a channel; who asks has to `join` it at once."""
        queue = self._queues.get(channel)
        if queue is None:

            def tell(payload: str) -> None:
                self._heard(self._queues[channel], payload)

            queue = self._queues[channel] = Queue(channel, tell)
            self._service.listener.hear(channel, tell)
        return queue

    def join(self, lane: Lane) -> None:
        lane.queue.lanes.append(lane)
        lane.group.lanes.append(lane)
        asyncio.get_running_loop().call_later(SETTLE, self._settle, lane)

    def leave(self, lane: Lane) -> None:
        """The lane gets no more offers; what it was offered goes to others."""
        queue = lane.queue
        queue.lanes.remove(lane)
        lane.group.lanes.remove(lane)
        lane.settled = False
        for hint in list(lane.offers):
            self._withdraw_offer(lane, hint)
        if not queue.lanes:
            del self._queues[queue.channel]
            self._service.listener.remove(queue.channel, queue.tell)
        else:
            self._ask(queue)

    def stop(self) -> None:
        """No more offers, from now on."""
        self._stopping = True

    def taken_up(self, lane: Lane, hint: Hint | None) -> None:
        """The worker asks for a task, one it was told of or not: it has a slot for it, until `release`. `got` or `in_vain` is next."""
        timer = lane.offers.pop(hint, None) if hint is not None else None
        if timer is not None:
            timer.cancel()
        else:
            lane.group.used += 1
        lane.queue.claiming += 1

    def got(self, lane: Lane, hint: Hint | None) -> None:
        """There was a task for the worker. Where we only knew that there were some, there may be more."""
        lane.queue.claiming -= 1
        if not isinstance(hint, int) and lane.queue.backlog == 0:
            self._ask(lane.queue)

    def in_vain(self, lane: Lane, hint: Hint | None) -> None:
        """There was nothing for the worker. Of a task that it was told of by number, others may want to know; or its filter did
        not let that one pass, but lets others."""
        lane.queue.claiming -= 1
        if isinstance(hint, int):
            if lane.filtered:
                self._ask(lane.queue)
        elif lane.filtered:
            lane.dry = True
            self._ask(lane.queue)
        else:
            lane.queue.backlog = 0
        self.release(lane.group)

    def release(self, group: SlotGroup) -> None:
        """A task has been answered: the worker may have another for its slot."""
        group.used -= 1
        for lane in group.lanes:
            if not lane.can_take or self._stopping:
                continue
            if lane.queue.backlog > 0:
                self._offer_next(lane)
            elif lane.queue.dirty:  # nobody was free when it should have been counted
                self._look.set()

    def recovered(self, lane: Lane, task: Task) -> None:
        """A task that the worker has without knowing: it is told of it, and gets it when it asks."""
        lane.found.append(task)
        self._offer(lane, None)

    def _settle(self, lane: Lane) -> None:
        if lane in lane.queue.lanes:
            lane.settled = True
            self._ask(lane.queue)

    def _heard(self, queue: Queue, payload: str) -> None:
        for lane in queue.lanes:
            lane.dry = False
        _, _, number = payload.rstrip("}").partition(":")
        free = queue.next_lane() if number and not self._stopping else None
        if free is not None:
            self._offer(free, int(number))
        elif number:
            queue.backlog += 1
        else:
            self._ask(queue)

    def _offer(self, lane: Lane, job_id: int | None) -> None:
        # Not to be taken for a number, whatever the token is.
        hint: Hint = f"task-{secrets.token_hex(8)}" if job_id is None else job_id
        if hint in lane.offers:  # two notifications of one job
            return
        lane.group.used += 1
        loop = asyncio.get_running_loop()
        lane.offers[hint] = loop.call_later(OFFER, self._expire, lane, hint)
        lane.tell(lane.action, hint)

    def _expire(self, lane: Lane, hint: Hint) -> None:
        log.info("worker %s did not ask for %s in time", lane.worker, lane.action)
        # It goes behind those that do ask.
        self._withdraw_offer(lane, hint)
        lane.dry = True
        self._ask(lane.queue)

    def _withdraw_offer(self, lane: Lane, hint: Hint) -> None:
        lane.offers.pop(hint).cancel()
        self.release(lane.group)

    def _serve(self, queue: Queue) -> None:
        """Offers what is known to be there to those who are free."""
        while queue.backlog > 0 and not self._stopping:
            lane = queue.next_lane()
            if lane is None:
                return
            self._offer_next(lane)

    def _offer_next(self, lane: Lane) -> None:
        lane.queue.backlog -= 1
        self._offer(lane, None)

    def _ask(self, queue: Queue) -> None:
        queue.dirty = True
        self._look.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        next_poll = loop.time() + POLL
        while True:
            await within(self._look, max(next_poll - loop.time(), 0))
            if loop.time() >= next_poll:
                next_poll = loop.time() + POLL
                for queue in self._queues.values():
                    queue.dirty = True
                    for lane in queue.lanes:
                        lane.dry = False
            self._look.clear()
            try:
                await self._count()
            except (NoDatabase, Refused) as error:
                log.warning("%s", error)
                self._service.observer.lost(PART, str(error))
                await asyncio.sleep(1)
            else:
                self._service.observer.alive(PART)

    async def _count(self) -> None:
        """Asks how many tasks the dirty queues have; one worker of a queue stands for all."""
        dirty = [q for q in self._queues.values() if q.dirty and any(x.can_take for x in q.lanes)]
        if not dirty or self._stopping:
            return
        for queue in dirty:
            queue.dirty = False
        counted = await self._service.run(calls.poll([queue.lanes[0].worker_id for queue in dirty]))
        ready = {backlog.channel: backlog.ready for backlog in counted}
        for queue in dirty:
            known = queue.offered + queue.claiming
            queue.backlog = max(ready.get(queue.channel, 0) - known, 0)
            self._serve(queue)
