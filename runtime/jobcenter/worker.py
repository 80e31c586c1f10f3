"""The worker: does the tasks of actions with functions of this program. What it says to the database is in `exchange`.

```python
worker = Worker("thisworker")

@worker.action("add", slots=50)
def add(counter: float, step: float = 1) -> dict:
    return {"counter": counter + step}

worker.run()
```
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from jobcenter.actions import Action, Function
from jobcenter.exchange import Exchange, Lane
from jobcenter.link import link_to
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.statements import Task

log = logging.getLogger("jobcenter.worker")

F = TypeVar("F", bound=Function)


class Worker:
    """A named worker. In the database its name is made unique by machine, process and a random part, so that the same
    program may run many times."""

    def __init__(
        self,
        name: str,
        dsn: str | None = None,
        *,
        who: str | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`dsn`, `who`, `token` and `tls` are those of `Client`."""
        self.name = name
        self.dsn = dsn
        self._who = who, token, tls
        self.observer: Observer = SILENT  # see docs/observability.md
        self._actions: dict[str, Action] = {}
        self._exchange: Exchange | None = None

    def action(
        self, name: str, *, slots: int = 10, filter: Mapping[str, Any] | None = None
    ) -> Callable[[F], F]:
        """The decorated function does the action `name`, at most `slots` tasks at once.

        It gets the task's inputs by keyword, and the task's environment if it has a parameter `env`; it returns a dict
        of outputs (or None). A `def` runs in a thread, an `async def` in the event loop. SoftError makes the task fail
        for now, any other exception for good. `filter`: only tasks whose inputs contain this.
        """

        def register(function: F) -> F:
            if name in self._actions:
                raise ValueError(f"action `{name}` is registered twice")
            self._actions[name] = Action.of(name, function, slots, filter)
            return function

        return register

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(self._actions)

    def run(self) -> None:
        """Works until SIGTERM or SIGINT; then finishes what it has, takes no more, and returns. A second signal ends
        the process at once."""
        asyncio.run(self.serve_until_signalled())

    def stop(self) -> None:
        """Lets `serve` finish what it has and return. For the event loop's thread."""
        if self._exchange is not None:
            self._exchange.stop()

    async def serve(self) -> None:
        """Works until `stop`. Bears the absence of the database, at the start too."""
        loop = asyncio.get_running_loop()
        threads = sum(action.slots for action in self._actions.values() if not action.is_async)
        tasks: set[asyncio.Task[None]] = set()
        with ThreadPoolExecutor(max(threads, 1), f"{self.name} action") as pool:

            def work(lane: Lane, task: Task) -> None:
                with self.observer.task(lane.action.name, task) as answered:
                    outputs = lane.action.run(task)
                    answered(outputs)
                loop.call_soon_threadsafe(exchange.answer, lane, task, outputs)

            async def work_async(lane: Lane, task: Task) -> None:
                with self.observer.task(lane.action.name, task) as answered:
                    outputs = await lane.action.run_async(task)
                    answered(outputs)
                exchange.answer(lane, task, outputs)

            def begin(lane: Lane, task: Task) -> None:
                if lane.action.is_async:
                    running = loop.create_task(work_async(lane, task))
                    tasks.add(running)  # the loop itself keeps no reference
                    running.add_done_callback(tasks.discard)
                else:
                    pool.submit(work, lane, task)

            # Containers may share a host's name and have the same process numbers.
            name = f"{self.name}@{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
            actions = list(self._actions.values())
            link = link_to(self.dsn, *self._who)
            exchange = Exchange(name, link, actions, begin, self.observer)
            self._exchange = exchange
            serves = ", ".join(self._actions) or "nothing"
            log.info("worker %s serves %s", name, serves, extra={"worker": name})
            await exchange.run()

    async def serve_until_signalled(self) -> None:
        """What `run` does, in an event loop that is there already."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)

        def stop() -> None:
            log.info("worker %s finishes what it has", self.name)
            for number in signals:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_DFL)
            self.stop()

        if threading.current_thread() is threading.main_thread():
            for number in signals:
                loop.add_signal_handler(number, stop)
        await self.serve()
