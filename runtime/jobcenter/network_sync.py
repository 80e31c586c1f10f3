"""A connection to the network API for the sync client: a socket, one call at a time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from jobcenter.connections import End
from jobcenter.errors import NoDatabase
from jobcenter.network import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    Address,
    Answer,
    Conversation,
    Notified,
    keep_alive,
    remote,
    welcomed,
)
from jobcenter.statements import Output, Statement

T = TypeVar("T")


class NetworkLine:
    """Open from the beginning until an error or `close`. Raises NoDatabase, PermissionDenied."""

    def __init__(self, address: Address) -> None:
        self._closed = False
        self._talk = Conversation()
        self._heard: list[Answer | Notified] = []
        with self._whole(f"no API at {address}"):
            raw = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
            self._socket = _secured(raw, address)
            self._end = End(self._socket.fileno())
            keep_alive(self._socket)
            end = time.monotonic() + CONNECT_SECONDS
            while not self._talk.greeted:
                self._receive(end - time.monotonic())
            welcomed(self._answer("hello", dict(address.hello)), address)

    @property
    def closed(self) -> bool:
        if not self._closed and self._end.has_come:
            self.close()
        return self._closed

    def run(self, statement: Statement[T]) -> T:
        """Raises NoDatabase, Refused."""
        return statement.read(self._call("run", remote(statement)))

    def listen(self, channel: str) -> None:
        """What was heard there before does not count: a job that was tried again has another end."""
        self._call("listen", {"channel": channel})
        self._forget_notified()

    def wait(self, channel: str, seconds: float) -> Output | None:
        """Until a notification on the channel, or for that time. Gives the job's output where this is its end."""
        end = time.monotonic() + seconds
        with self._whole("the API went away"):
            while (notified := self._notified(channel)) is None:
                if (left := end - time.monotonic()) <= 0:
                    break
                with contextlib.suppress(TimeoutError):
                    self._receive(left)
        self._forget_notified()
        return notified.output if notified is not None else None

    def _forget_notified(self) -> None:
        self._heard = [heard for heard in self._heard if isinstance(heard, Answer)]

    def _notified(self, channel: str) -> Notified | None:
        for heard in self._heard:
            if isinstance(heard, Notified) and heard.channel == channel:
                return heard
        return None

    def close(self) -> None:
        self._closed = True
        self._socket.close()

    def _call(self, method: str, params: dict[str, Any]) -> Any:
        with self._whole("the API went away"):
            answer = self._answer(method, params)
        if answer.error is not None:
            raise answer.error
        return answer.result

    def _answer(self, method: str, params: dict[str, Any]) -> Answer:
        id_, frame = self._talk.call(method, params)
        self._socket.settimeout(ANSWER_SECONDS)
        self._socket.sendall(frame)
        end = time.monotonic() + ANSWER_SECONDS
        while True:
            for heard in self._heard:
                if isinstance(heard, Answer) and heard.id == id_:
                    self._heard.remove(heard)
                    return heard
            self._receive(end - time.monotonic())

    def _receive(self, seconds: float) -> None:
        """Raises TimeoutError, other OSErrors, NoDatabase."""
        self._socket.settimeout(max(seconds, 0.001))
        received = self._socket.recv(65536)
        if not received:
            raise NoDatabase("the API closed the connection")
        self._heard += self._talk.feed(received)
        for reply in self._talk.replies:
            self._socket.sendall(reply)
        self._talk.replies.clear()

    @contextmanager
    def _whole(self, problem: str) -> Iterator[None]:
        """What fails inside ends the connection: nobody knows what has been said."""
        try:
            yield
        except OSError as error:
            self._broken()
            raise NoDatabase(f"{problem}: {error}") from error
        except BaseException:
            self._broken()
            raise

    def _broken(self) -> None:
        self._closed = True
        if hasattr(self, "_socket"):
            self._socket.close()


def _secured(raw: socket.socket, address: Address) -> socket.socket | ssl.SSLSocket:
    if address.tls is None:
        return raw
    return address.tls.wrap_socket(raw, server_hostname=address.host)
