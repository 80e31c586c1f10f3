"""A whole town on one event loop: database, Maestro, API, and raw connections to it. The workflows of this folder are compiled once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from passlib.hash import md5_crypt, sha256_crypt, sha512_crypt

from jcc.compilation import compile_unit, needed
from jcc.workspace import Workspace
from jobcenter import Worker
from jobcenter.api.auth import hash_password
from jobcenter.api.config import Config, Listen
from jobcenter.api.netstring import encode
from jobcenter.api.server import Api
from jobcenter.api.session import Patience
from jobcenter.artifact import Definition
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.executor import InlineExecutor
from jobcenter.maestro import Maestro

HERE = Path(__file__).parent
SECONDS = 30.0  # only a test that fails waits for so long

# As the predecessor's people have them, and a new one.
PASSWORDS = {
    "theCustomer": ("wantsThings", sha256_crypt.using(rounds=1000)),
    "theEmployee": ("doesThings", sha512_crypt.using(rounds=1000)),
    "theVeteran": ("knowsThings", md5_crypt),
    "theBoss": ("ownsThings", None),
    "apimeister": ("seesThings", sha256_crypt.using(rounds=1000)),
    "theStranger": ("looksOn", sha256_crypt.using(rounds=1000)),
}
ROLES = ("theCustomer", "theEmployee", "theVeteran", "theBoss", "apimeister")


@pytest.fixture(scope="session")
def definitions() -> list[Definition]:
    workspace = Workspace()
    for file in sorted((HERE / "workflows").iterdir()):
        workspace.set_text(file.name, file.read_text())
    units = needed(workspace, workspace.paths)
    return [compile_unit(workspace, unit)[0] for unit in units]


@pytest.fixture(scope="session")
def password_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("auth") / "api.passwd"
    lines = ["# who:hash"]
    for who, (password, crypt) in PASSWORDS.items():
        lines.append(f"{who}:{crypt.hash(password) if crypt else hash_password(password)}")
    file.write_text("\n".join(lines) + "\n")
    return file


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the workflows and roles of these tests, and a configuration of the API for it."""

    dsn: str
    config: Config
    connection: Connection
    folder: Path

    def with_config(self, **changes: Any) -> Place:
        return replace(self, config=replace(self.config, **changes))


@pytest.fixture
def place(
    database: str,
    connection: Connection,
    definitions: list[Definition],
    password_file: Path,
    tmp_path: Path,
) -> Place:
    deploy(connection, definitions)
    for role in ROLES:
        connection.execute(
            "insert into jobcenter.jc_roles values (%s) on conflict do nothing", [role]
        )
        connection.execute(
            "insert into jobcenter.jc_impersonate_roles values (session_user, %s)", [role]
        )
    connection.execute(
        "update jobcenter.settings set value = '10 ms' where name = 'lost_worker_interval'"
    )
    config = Config(
        listen=(Listen("127.0.0.1", 0),), password_file=password_file, grace=0.5, stop_patience=5.0
    )
    return Place(database, config, connection, tmp_path)


@asynccontextmanager
async def town(place: Place, patience: Patience | None = None) -> AsyncIterator[Api]:
    """The API, and a Maestro that moves the jobs."""
    async with moving(place.dsn), Api(place.dsn, place.config, patience) as api:
        yield api


@asynccontextmanager
async def moving(dsn: str) -> AsyncIterator[None]:
    maestro = Maestro(dsn, executor=InlineExecutor)
    running = asyncio.create_task(maestro.run())
    try:
        yield
    finally:
        maestro.stop()
        await running


@asynccontextmanager
async def adders(dsn: str, slots: int = 10) -> AsyncIterator[None]:
    """A worker beside the API, with the database itself, for `add` and `leftpad`."""
    worker = Worker("adders", dsn)

    @worker.action("add", slots=slots)
    async def add(counter: float, step: float) -> dict[str, float]:
        return {"counter": counter + step}

    @worker.action("leftpad")
    async def leftpad(string: str, len: int, pad: str) -> dict[str, str]:
        return {"string": string.rjust(len, pad)}

    serving = asyncio.create_task(worker.serve())
    try:
        yield
    finally:
        worker.stop()
        await serving


@dataclass(slots=True)
class Wire:
    """A raw connection: what a client in any language sends and reads."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pings: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)  # what came before an answer

    def send_bytes(self, content: bytes) -> None:
        self.writer.write(content)

    def send(self, message: Mapping[str, Any]) -> None:
        text = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False)
        self.writer.write(encode(text.encode()))

    async def read_raw(self) -> bytes | None:
        """The next payload, None at the end of the connection."""
        async with asyncio.timeout(SECONDS):
            try:
                length = await self.reader.readuntil(b":")
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            payload = await self.reader.readexactly(int(length[:-1]))
            assert await self.reader.readexactly(1) == b","
            return payload

    async def read(self) -> dict[str, Any] | None:
        """The next message that is no ping."""
        return self.waiting.pop(0) if self.waiting else await self._next()

    async def _next(self) -> dict[str, Any] | None:
        while (message := await self.read_any()) is not None:
            if message.get("method") != "ping":
                return message
            self.pings.append(message)
        return None

    async def read_any(self) -> dict[str, Any] | None:
        payload = await self.read_raw()
        if payload is None:
            return None
        message = json.loads(payload)
        assert message.pop("jsonrpc") == "2.0"
        return dict(message)

    async def call(self, method: str, /, id_: object = "call", **params: Any) -> dict[str, Any]:
        """The answer to a call; what else comes is for `read`."""
        self.send({"id": id_, "method": method, "params": params})
        return await self.answer_to(id_)

    async def answer_to(self, id_: object) -> dict[str, Any]:
        while (message := await self._next()) is not None:
            if message.get("id", self) == id_:
                del message["id"]
                return message
            self.waiting.append(message)
        raise AssertionError("the connection was closed")

    async def result(self, method: str, /, **params: Any) -> Any:
        answer = await self.call(method, **params)
        assert "result" in answer, answer
        return answer["result"]

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def wire(
    api: Api, who: str | None = None, receive_buffer: int | None = None
) -> AsyncIterator[Wire]:
    """A connection that has been greeted, and has said hello if it is somebody's."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, api.addresses[0])
    reader, writer = await asyncio.open_connection(sock=sock, limit=2**21)
    connection = Wire(reader, writer)
    greeting = await connection.read()
    assert greeting == {"method": "greetings", "params": {"who": "jcapi", "version": "1.1"}}
    if who is not None:
        token = PASSWORDS[who][0]
        assert await connection.result("hello", who=who, method="password", token=token) == [
            True,
            f"welcome to the clientapi {who}!",
        ]
    try:
        yield connection
    finally:
        await connection.close()
