"""Peers as other languages have them, for tests under load: a client that creates many jobs at once, a worker that forgets what it had
when its connection is cut."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from typing import Any

from jobcenter.api.netstring import Decoder, encode

Message = dict[str, Any]
Address = tuple[str, int]


class Connection(asyncio.Protocol):
    """Calls, and what to do at notifications. `lost` is set when the connection is gone."""

    def __init__(self, hear: Callable[[Connection, Message], None]) -> None:
        self._hear = hear
        self._decoder = Decoder()
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.transport: asyncio.Transport | None = None
        self.lost = asyncio.Event()

    @staticmethod
    async def open(
        address: Address, who: str, token: str, hear: Callable[[Connection, Message], None]
    ) -> Connection:
        """Raises ConnectionError."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(hear), *address)
        welcome = await connection.call("hello", who=who, method="password", token=token)
        assert welcome == [True, f"welcome to the clientapi {who}!"]
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for payload in self._decoder.feed(data):
            message = json.loads(payload)
            if message.get("method") == "ping":
                self._send({"id": message["id"], "result": "pong!"})
            elif "method" in message:
                self._hear(self, message)
            elif (future := self._waiting.pop(message["id"], None)) and not future.done():
                future.set_result(message.get("result", message.get("error")))

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the connection was cut"))
        self._waiting.clear()

    async def call(self, method: str, /, **params: Any) -> Any:
        """Raises ConnectionError."""
        if self.lost.is_set():
            raise ConnectionResetError("the connection was cut")
        id_ = f"c{next(self._ids)}"
        future = self._waiting[id_] = asyncio.get_running_loop().create_future()
        self._send({"id": id_, "method": method, "params": params})
        return await future

    def notify(self, method: str, /, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def cut(self) -> None:
        """As when somebody pulls the plug: what is on its way is lost."""
        if self.transport is not None:
            self.transport.abort()

    def _send(self, message: Message) -> None:
        if self.transport is not None:
            self.transport.write(encode(json.dumps({"jsonrpc": "2.0", **message}).encode()))


class Forgetful:
    """A worker for `add`. `work` until cancelled; it comes back when its connection is gone, knowing nothing."""

    def __init__(self, address: Address, token: str, name: str, slots: int) -> None:
        self._address = address
        self._token = token
        self._name = name
        self._slots = slots
        self._tasks: set[asyncio.Task[None]] = set()
        self.connection: Connection | None = None
        self.announced = asyncio.Event()
        self.taken = 0  # tasks
        self.logins = 0

    async def work(self) -> None:
        while True:
            try:
                await self._once()
            except ConnectionError:
                await asyncio.sleep(0.05 + random.random() / 10)

    async def _once(self) -> None:
        connection = await Connection.open(self._address, "theEmployee", self._token, self._heard)
        self.connection = connection
        self.logins += 1
        try:
            answer = await connection.call(
                "announce", actionname="add", workername=self._name, slots=self._slots
            )
            assert answer == [True, "success"], answer
            self.announced.set()
            await connection.lost.wait()
        finally:
            connection.cut()

    def _heard(self, connection: Connection, message: Message) -> None:
        if message["method"] == "task_ready":
            task = asyncio.create_task(self._do(connection, message["params"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, connection: Connection, offer: Message) -> None:
        try:
            task = await connection.call("get_task", **offer)
        except ConnectionError:
            return
        if task:
            self.taken += 1
            outputs = {"counter": task[2]["counter"] + task[2]["step"]}
            connection.notify("task_done", cookie=task[1], outargs=outputs)


class Customer:
    """Creates jobs of calltest, and hears of their ends. `cut` and `back` lose nothing that was created."""

    def __init__(self, address: Address, token: str) -> None:
        self._address = address
        self._token = token
        self.connection: Connection | None = None
        self.inputs: dict[int, int] = {}  # of the jobs that have been created
        self.outputs: dict[int, Message] = {}
        self._all = asyncio.Event()
        self._wanted = 0

    async def connect(self) -> None:
        self.connection = await Connection.open(
            self._address, "theCustomer", self._token, self._heard
        )

    async def create(self, inputs: range, at_once: int = 200) -> None:
        self._wanted += len(inputs)
        self._all.clear()
        gate = asyncio.Semaphore(at_once)

        async def one(number: int) -> None:
            assert self.connection is not None
            async with gate:
                job, error = await self.connection.call(
                    "create_job", wfname="calltest", inargs={"input": number}
                )
            assert error is None, error
            self.inputs[job] = number

        await asyncio.gather(*map(one, inputs))

    async def back(self) -> None:
        """Connects again, and asks for all that has not ended yet."""
        await self.connect()
        for job in self.inputs.keys() - self.outputs.keys():
            assert self.connection is not None
            ended, outputs = await self.connection.call("get_job_status", job_id=job, notify=True)
            if ended is not None:
                self._ended(job, outputs)

    async def all_done(self) -> None:
        await self._all.wait()

    def wrong(self) -> list[int]:
        """Jobs whose output is not what it must be."""
        return [
            job
            for job, number in self.inputs.items()
            if self.outputs.get(job) != {"output": number + 3}
        ]

    def _heard(self, connection: Connection, message: Message) -> None:
        if message["method"] == "job_done":
            self._ended(message["params"]["job_id"], message["params"]["outargs"])

    def _ended(self, job: int, outputs: Message) -> None:
        self.outputs[job] = outputs
        if len(self.outputs) >= self._wanted:
            self._all.set()


async def cut_at_random(workers: list[Forgetful], each: float, chance: random.Random) -> None:
    """Until cancelled: one connection after the other, `each` so many seconds."""
    while True:
        await asyncio.sleep(each)
        victim = chance.choice(workers).connection
        if victim is not None:
            victim.cut()
