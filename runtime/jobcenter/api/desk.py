"""What one peer serves as a worker: its slots, the actions it announced, the tasks it has in hand. The worker's half of a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jobcenter.actions import failure
from jobcenter.api import calls
from jobcenter.api.calls import Claim
from jobcenter.api.dispatch import Dispatcher, Hint, Lane, SlotGroup
from jobcenter.api.service import Service
from jobcenter.api.workers import Workers
from jobcenter.errors import JobCenterError, NoDatabase, Refused
from jobcenter.statements import Task

log = logging.getLogger("jobcenter.api")

MOST_LANES: Final = 1000  # actions of one peer


class Desk:
    """`tell` sends `task_ready`. All that is refused is raised as a JobCenterError whose text is for the peer."""

    def __init__(
        self,
        service: Service,
        dispatcher: Dispatcher,
        workers: Workers,
        tell: Callable[[str, Hint], None],
    ) -> None:
        self._service = service
        self._dispatcher = dispatcher
        self._workers = workers
        self._tell = tell
        self.groups: dict[str, SlotGroup] = {}
        self.lanes: dict[str, Lane] = {}
        self._who: dict[str, tuple[str, Mapping[str, Any] | None]] = {}  # of a lane: who, filter
        self._names: set[str] = set()  # of this peer's workers in the database
        self._held: dict[str, tuple[str, SlotGroup | None]] = {}  # cookie -> worker, its slot
        self._closed = False

    @property
    def is_worker(self) -> bool:
        return bool(self._names)

    @property
    def busy(self) -> bool:
        return bool(self._held)

    @property
    def worker_names(self) -> list[str]:
        return sorted(self._names)

    def create_group(self, name: str, slots: int) -> None:
        if name in self.groups:
            raise Refused(f"slotgroup {name} already exists")
        if len(self.groups) >= MOST_LANES:
            raise Refused("these are too many slotgroups for one connection")
        self.groups[name] = SlotGroup(name, slots)

    async def announce(
        self,
        who: str,
        worker: str,
        action: str,
        group: SlotGroup,
        filter: Mapping[str, Any] | None,
    ) -> None:
        """Announcing an action again changes its filter and its slots."""
        if len(self.lanes) >= MOST_LANES:
            raise Refused("these are too many actions for one connection")
        announced = await self._service.run(calls.announce(worker, action, who, filter))
        if self._closed:
            self._workers.joined(worker, announced.worker_id, self)
            self._workers.left(worker, self, busy=False)
            return
        self.joined(worker, announced.worker_id)
        if action in self.lanes:
            await self._drop(action)
        if self._closed:  # meanwhile; `close` has said so
            return
        self.lanes[action] = Lane(
            action,
            worker,
            announced.worker_id,
            group,
            self._tell,
            filtered=filter is not None,
            queue=self._dispatcher.queue(announced.channel),
        )
        self._who[action] = (who, filter)
        self._dispatcher.join(self.lanes[action])

    async def withdraw(self, action: str) -> None:
        """The tasks in hand may still be answered."""
        worker = self.lanes[action].worker
        await self._drop(action)
        await self._service.run(calls.withdraw(worker, action))

    async def get_task(self, action: str, hint: Hint | None) -> Task | None:
        """What the worker was told of, or another one; None where there is none. The number of a job, where it was told one."""
        lane = self.lanes.get(action)
        if lane is None:
            return None
        self._dispatcher.taken_up(lane, hint)
        task = lane.found.popleft() if lane.found else await self._claimed(lane, hint)
        if task is None:
            self._dispatcher.in_vain(lane, hint)
            return None
        self._dispatcher.got(lane, hint)
        if self._closed:
            await self.give_back([task])
            return None
        self._held[task.cookie] = (lane.worker, lane.group)
        return task

    async def _claimed(self, lane: Lane, hint: Hint | None) -> Task | None:
        job = hint if isinstance(hint, int) else None
        try:
            tasks = await self._service.claim(Claim(lane.worker, lane.action, job=job))
        except (NoDatabase, Refused) as error:
            log.warning("no task of %s for %s: %s", lane.action, lane.worker, error)
            return None
        return tasks[0] if tasks else None

    async def answer(self, cookie: str, outputs: str) -> str:
        """The receipt, see `Service.answer`. Any peer that knows the cookie may answer; the slot is free at once."""
        _, group = self._held.pop(cookie, ("", None))
        if group is not None:
            self._dispatcher.release(group)
        return await self._service.answer(cookie, outputs)

    async def answer_all(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The receipts for cookies."""
        receipts = await asyncio.gather(*(self.answer(*answer) for answer in answers.items()))
        return dict(zip(answers, receipts, strict=True))

    async def refuse(self, cookie: str) -> None:
        """A task that cannot be sent to the worker fails."""
        why = "the inputs are too long for the worker's connection"
        await self.answer(cookie, failure("normal", why))

    # A worker that asks for itself, without slots of ours.

    def joined(self, worker: str, worker_id: int) -> None:
        self._names.add(worker)
        self._workers.joined(worker, worker_id, self)

    def took(self, worker: str, cookie: str) -> None:
        self._held.setdefault(cookie, (worker, None))

    def parted(self, worker: str) -> None:
        """It said goodbye by itself."""
        if worker in self._names:
            self._names.discard(worker)
            self._workers.left(worker, self, busy=False)

    # For `Workers`.

    def known(self, worker: str) -> list[str]:
        waiting = [task.cookie for lane in self.lanes.values() for task in lane.found]
        return [cookie for cookie, (name, _) in self._held.items() if name == worker] + waiting

    def found(self, worker: str, action: str, task: Task) -> None:
        """Workers that ask for themselves look for lost tasks themselves."""
        lane = self.lanes.get(action)
        if lane is not None and lane.worker == worker:
            self._dispatcher.recovered(lane, task)

    async def announce_again(self, worker: str) -> None:
        for action, lane in list(self.lanes.items()):
            if lane.worker == worker:
                who, filter = self._who[action]
                await self.announce(who, worker, action, lane.group, filter)

    # The end.

    async def give_back(self, tasks: Sequence[Task]) -> None:
        """Tasks that the worker has not seen."""
        if tasks:
            await self.give_back_cookies([task.cookie for task in tasks])

    async def give_back_cookies(self, cookies: Sequence[str]) -> None:
        for cookie in cookies:
            self._held.pop(cookie, None)
        try:
            await self._service.run(calls.give_back(cookies))
        except JobCenterError as error:
            log.warning("%d tasks wait for their timeouts: %s", len(cookies), error)

    async def close(self) -> None:
        """The connection is gone."""
        self._closed = True
        for worker in self._names:
            busy = any(name == worker for name, _ in self._held.values())
            self._workers.left(worker, self, busy=busy)
        self._names.clear()
        for action in list(self.lanes):
            await self._drop(action)

    async def _drop(self, action: str) -> None:
        self._who.pop(action)
        lane = self.lanes.pop(action)
        self._dispatcher.leave(lane)
        await self.give_back(lane.found)
