"""The client's side of the network API, without I/O: addresses, who one is, and the frames of a conversation.

`network_sync` and `network_async` carry the bytes. The server's side is `jobcenter.api`, whose framing is used here.
"""

from __future__ import annotations

import itertools
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from jobcenter import errors
from jobcenter.api import netstring, rpc
from jobcenter.database import NETWORK
from jobcenter.errors import (
    InvalidArguments,
    JobCenterError,
    NoDatabase,
    PermissionDenied,
    Refused,
    UsageError,
)
from jobcenter.statements import Output, Statement

T = TypeVar("T")

PORT: Final = 6522
WHO, TOKEN = "JOBCENTER_WHO", "JOBCENTER_TOKEN"
CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0  # a call that has no answer by then has lost its connection
VERSION: Final = "1.1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API is, and as whom to say hello. With `tls`, the method is `clientcert` where there is no token."""

    host: str
    port: int
    who: str
    token: str = field(repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def hello(self) -> dict[str, str]:
        if not self.token:
            return {"who": self.who, "method": "clientcert", "token": "-"}
        return {"who": self.who, "method": "password", "token": self.token}

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def is_network(dsn: str | None) -> bool:
    """Whether the DSN names an API and not a database."""
    return dsn is not None and dsn.startswith(NETWORK)


def address(
    dsn: str, who: str | None = None, token: str | None = None, tls: ssl.SSLContext | None = None
) -> Address:
    """From `tcp://host:port` or `tls://host:port`. What is not given is taken from the DSN (`tcp://who:token@host`), then from
    $JOBCENTER_WHO and $JOBCENTER_TOKEN. Raises UsageError."""
    parts = urlsplit(dsn)
    try:
        port = parts.port or PORT
    except ValueError:
        raise UsageError(f"`{dsn}` has no port that can be") from None
    name = who or unquote(parts.username or "") or os.environ.get(WHO, "")
    secret = token or unquote(parts.password or "") or os.environ.get(TOKEN, "")
    if not parts.hostname:
        raise UsageError("the address of an API is tcp://HOST:PORT or tls://HOST:PORT")
    if not name or not (secret or tls):
        raise UsageError("the API wants to know `who` you are, and a `token`")
    if parts.scheme == "tls" and tls is None:
        tls = ssl.create_default_context()
    return Address(parts.hostname, port, name, secret, tls if parts.scheme == "tls" else None)


@dataclass(frozen=True, slots=True)
class Answer:
    """To the call of that id: `rows`, or an error."""

    id: str
    result: Any
    error: JobCenterError | None


@dataclass(frozen=True, slots=True)
class Notified:
    """What a line hears. Without a channel: that the connection is lost. `output` is that of the job whose end this is, where the line
    tells it too."""

    channel: str
    payload: str = ""
    output: Output | None = None


class Conversation:
    """`feed` what comes, send what `call` gives, and what is in `replies` after a feed."""

    def __init__(self) -> None:
        self._decoder = netstring.Decoder()
        self._ids = itertools.count(1)
        self.greeted = False
        self.replies: list[bytes] = []

    def call(self, method: str, params: dict[str, Any]) -> tuple[str, bytes]:
        """The call's id and its frame. Raises InvalidArguments for one that is too long."""
        id_ = str(next(self._ids))
        frame = rpc.call(id_, method, params)
        if len(frame) > netstring.LIMIT:
            raise InvalidArguments(
                f"{len(frame)} bytes are too much for the network API, which takes {netstring.LIMIT}"
            )
        return id_, frame

    def feed(self, received: bytes) -> Iterator[Answer | Notified]:
        """To be read to its end. Raises NoDatabase where the other side is no API of ours."""
        try:
            for payload in self._decoder.feed(received):
                yield from self._heard(rpc.parse(payload))
        except (netstring.FrameError, rpc.Broken) as error:
            raise NoDatabase(f"the other side speaks no JobCenter API: {error}") from error

    def _heard(self, message: rpc.Request | rpc.Response) -> Iterator[Answer | Notified]:
        match message:
            case rpc.Response(id=str(id_)):
                failed = None if message.error is None else _error(message.error)
                yield Answer(id_, message.result, failed)
            case rpc.Response():
                raise NoDatabase(f"the API ends the connection: {message.error}")
            case rpc.Request(method="ping", id=id_):
                self.replies.append(rpc.result(id_, "pong!"))
            case rpc.Request(method="greetings", params=params):
                self.greeted = True
                if not isinstance(params, dict) or params.get("version") != VERSION:
                    raise NoDatabase(f"the API is of another version: {params}")
            case rpc.Request(method="notified", params={"channel": str(channel), **more}):
                output = more.get("output")
                yield Notified(channel, output=output if isinstance(output, dict) else None)
            case rpc.Request():
                pass  # what newer versions may say


def remote(statement: Statement[T]) -> dict[str, Any]:
    """The parameters of the call for a statement. Raises PermissionDenied for one that needs the database itself."""
    if not statement.name:
        raise PermissionDenied(
            "this is to be had from the database itself, not over the network API"
        )
    call = {"call": statement.name, "params": dict(statement.params)}
    return {**call, "listen": True} if statement.listens else call


def welcomed(answer: Answer, address: Address) -> None:
    """Looks at the answer to hello. Raises PermissionDenied."""
    if answer.error is not None or not isinstance(answer.result, list) or not answer.result[0]:
        raise PermissionDenied(f"the API at {address} does not welcome {address.who}")


def _error(error: Any) -> JobCenterError:
    """By the name of its class, where the API gives one."""
    message = str(error.get("message", "")).removeprefix("Method threw error: ").strip()
    match error.get("data"):
        case {"error": str(name)}:
            known = getattr(errors, name, None)
            if isinstance(known, type) and issubclass(known, NoDatabase | Refused):
                return known(message)
        case _:
            pass
    return Refused(message)


def keep_alive(sock: socket.socket) -> None:
    """Has the network itself find out that the API is gone, when nothing is said for long."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
