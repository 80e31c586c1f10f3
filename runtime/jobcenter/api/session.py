"""One peer of the netstring face: frames in, frames out, and the limits within which a peer may be slow, silent or wrong.

What the methods do is in `methods`, what a worker has in hand in `desk`. A peer that cannot be understood gets one error and the end of
its connection; so does one that does not read, or that does not answer pings. Others do not notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jobcenter.api import methods, netstring, rpc
from jobcenter.api.auth import Peer
from jobcenter.api.desk import Desk
from jobcenter.api.parameters import Complaint
from jobcenter.api.rpc import Params, Request, Response

if TYPE_CHECKING:
    from jobcenter.api.server import Api, Door

log = logging.getLogger("jobcenter.api")

GREETING: Final = rpc.notification("greetings", {"who": "jcapi", "version": "1.1"})
BEFORE_HELLO: Final = 65_536  # bytes of a frame, of whoever has not said who they are
IN_FLIGHT: Final = (
    500  # requests of one peer that are being worked on; then its next ones wait in its socket
)
PACKET: Final = 65_536  # bytes that are not kept back for more of the same turn
HIGH: Final = 262_144  # bytes that wait for a peer that is not read from any more
MOST: Final = 4_194_304  # bytes that wait for a peer that has lost its connection by that
CLOSING: Final = 5.0  # seconds for a last word to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. `ping`: between two pings of a worker; `pong`: for its answer; `login`: to say hello; `reading`: to read what waits."""

    ping: float = 60.0
    pong: float = 30.0
    login: float = 60.0
    reading: float = 60.0


class Session(asyncio.Protocol):
    def __init__(self, api: Api, door: Door) -> None:
        self.api = api
        self.door = door
        self.who: str | None = None
        self.refused = False
        self.peer = Peer("")
        self.workername: str | None = None
        # Makes the names of this peer's workers its own in the database: a name may be in use twice.
        self.tag = secrets.token_hex(4)
        self.desk = Desk(api.service, api.dispatcher, api.workers, self._task_ready)
        self.on_close: dict[object, Callable[[], None]] = {}  # what others keep for this peer
        self._transport: asyncio.Transport | None = None
        self._decoder = netstring.Decoder(BEFORE_HELLO)
        self._held_back: deque[bytes] = deque()  # what came while hello is looked at
        self._greeting = False
        self._working = 0
        self._last_word: bytes | None = None
        self._paused = False
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._pings: dict[str, asyncio.TimerHandle] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._stalled: asyncio.TimerHandle | None = None
        self._next_ping: asyncio.TimerHandle | None = None

    # From asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.peer = _peer(transport)
        _keep_alive(transport)
        transport.set_write_buffer_limits(high=HIGH)
        if not self.api.joined(self):
            transport.abort()
            return
        self.send(GREETING)
        self._after(self.api.patience.login, self._not_in_time)

    def data_received(self, data: bytes) -> None:
        try:
            for payload in self._decoder.feed(data):
                if self.is_closing or self._last_word is not None:
                    return
                if self._greeting:
                    self._held_back.append(payload)
                else:
                    self._received(payload)
        except netstring.FrameError as error:
            self.fail(rpc.INVALID_REQUEST, f"Invalid Request: {error}")

    def pause_writing(self) -> None:
        self._paused = True
        self._flow()
        self._stalled = self._after(self.api.patience.reading, self._not_reading)

    def resume_writing(self) -> None:
        self._paused = False
        self._flow()
        if self._stalled is not None:
            self._stalled.cancel()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        for timer in [*self._timers, *self._pings.values()]:
            timer.cancel()
        for undo in list(self.on_close.values()):
            undo()
        self.api.left(self)
        self.api.later(self.desk.close())

    # Out.

    @property
    def is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def send(self, frame: bytes) -> None:
        """Does nothing for a peer that has gone; ends the connection of one that lets too much lie."""
        if self.is_closing:
            return
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._write)
        self._unsent.append(frame)
        self._unsent_bytes += len(frame)
        if self._unsent_bytes > PACKET:
            self._write()

    def _write(self) -> None:
        """What was said in one turn of the loop goes out together: a system call costs more than a frame."""
        frames, self._unsent, self._unsent_bytes = self._unsent, [], 0
        transport = self._transport
        if not frames or transport is None or transport.is_closing():
            return
        transport.write(b"".join(frames))
        if transport.get_write_buffer_size() > MOST:
            self._not_reading()

    def notify(self, method: str, params: Params) -> None:
        self.send(rpc.notification(method, params))

    def fail(self, code: int, message: str) -> None:
        """A last word to a peer that cannot be understood, behind the answers to what could be."""
        if self._last_word is not None:
            return
        log.warning("%s: %s", self.peer.address, message)
        self._last_word = rpc.error(None, code, message)
        self._flow()
        if self._working:
            self._after(CLOSING, self._say_last_word)
        else:
            self._say_last_word()

    def _say_last_word(self) -> None:
        if self._last_word is not None:
            self.send(self._last_word)
            self.close()

    def close(self) -> None:
        """The end, when what was sent has been read, or soon."""
        self._write()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            asyncio.get_running_loop().call_later(CLOSING, self._abort)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _not_reading(self) -> None:
        log.warning("%s: does not read what it is sent; disconnected", self.peer.address)
        self._abort()

    def _not_in_time(self) -> None:
        if self.who is None:
            self.fail(rpc.NOT_YET, "This took too long: say hello first")

    def _after(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        timer = asyncio.get_running_loop().call_later(seconds, act)
        self._timers = {old for old in self._timers if not _over(old)} | {timer}
        return timer

    # In.

    def _received(self, payload: bytes) -> None:
        try:
            message = rpc.parse(payload)
        except rpc.Broken as error:
            self.fail(error.code, str(error))
            return
        match message:
            case Response():
                self._answered(message)
            case Request():
                self._requested(message)

    def _requested(self, request: Request) -> None:
        method = methods.METHODS.get(request.method)
        problem: tuple[int, str] | None = None
        if method is None:
            problem = (rpc.NO_METHOD, "Method not found.")
        elif not request.is_call and not method.notification:
            problem = (rpc.NOT_A_NOTIFICATION, "Method is not a notification.")
        elif not isinstance(request.params, dict | list):
            problem = (
                rpc.INVALID_REQUEST,
                "Invalid Request: params should be array or object.",
            )
        elif isinstance(request.params, list):
            problem = (rpc.NAMED_PARAMS, "This method expects named params.")
        elif self.who is None and not method.before_hello:
            problem = (rpc.NOT_YET, "This method requires connection state auth")
        else:
            self._greeting = method.greets
            self._working += 1
            self._flow()
            self.api.later(self._work(request, method, request.params))
        if problem is not None:
            self.send(rpc.error(request.id, *problem))

    async def _work(self, request: Request, method: methods.Method, params: dict[str, Any]) -> None:
        begun = time.perf_counter()
        try:
            answer, failed = await self._answer(request, method, params)
            self.api.observer.called(request.method, failed, time.perf_counter() - begun)
        finally:
            self._working -= 1
            if method.greets:
                self._greeting = False
        if request.is_call:
            self.send(answer)
        if method.greets:
            self._greeted()
        if self._last_word is not None and not self._working:
            self._say_last_word()
        self._flow()

    async def _answer(
        self, request: Request, method: methods.Method, params: dict[str, Any]
    ) -> tuple[bytes, bool]:
        """The frame, and whether it tells of an error."""
        try:
            frame = rpc.result(request.id, await method.do(self, params))
        except Complaint as complaint:
            return rpc.error(request.id, rpc.FAILED, str(complaint), complaint.data), True
        except Exception:
            # A mistake of ours, told to us; the peer gets no more than that there was one.
            log.exception("%s: %s failed", self.peer.address, request.method)
            return _threw(request, "internal error"), True
        if len(frame) > netstring.LIMIT:
            return _threw(request, "the answer is too long"), True
        return frame, False

    def _greeted(self) -> None:
        """Hello has been answered: what came behind it is looked at."""
        if self.refused:
            self.close()
        if self.who is not None:
            self._decoder.limit = netstring.LIMIT
        while self._held_back and not self._greeting and self._last_word is None:
            self._received(self._held_back.popleft())

    def _flow(self) -> None:
        """A peer that does not read, or asks faster than it is answered, is not read from either."""
        if self._transport is None or self._transport.is_closing():
            return
        busy = self._greeting or self._working >= IN_FLIGHT
        if self._paused or busy or self._last_word is not None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # Signs of life.

    def start_pings(self) -> None:
        """From the first announcement on."""
        if self._next_ping is None:
            self._next_ping = self._after(self.api.patience.ping, self._ping)

    def _ping(self) -> None:
        ping_id = secrets.token_urlsafe(12)
        loop = asyncio.get_running_loop()
        self._pings[ping_id] = loop.call_later(self.api.patience.pong, self._silent)
        self.send(rpc.call(ping_id, "ping", {}))
        self._next_ping = self._after(self.api.patience.ping, self._ping)

    def _answered(self, response: Response) -> None:
        """Answers to questions that we did not ask are not looked at."""
        if isinstance(response.id, str) and (timer := self._pings.pop(response.id, None)):
            timer.cancel()

    def _silent(self) -> None:
        log.warning("%s: does not answer pings; disconnected", self.peer.address)
        self._abort()

    def _task_ready(self, action: str, hint: int | str) -> None:
        self.notify("task_ready", {"actionname": action, "job_id": hint})


def _threw(request: Request, why: str) -> bytes:
    return rpc.error(request.id, rpc.FAILED, f"Method threw error: {why}\n")


def _peer(transport: asyncio.Transport) -> Peer:
    name = transport.get_extra_info("peername")
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    names = _common_names(tls) if tls is not None else []
    return Peer(str(name[0]) if name else "unknown", names[0] if names else None)


def _common_names(tls: ssl.SSLObject) -> list[str]:
    """Of the certificate that was shown and checked, if there was one."""
    certificate: dict[str, Any] = tls.getpeercert() or {}
    subject: tuple[tuple[tuple[str, str], ...], ...] = certificate.get("subject", ())
    return [value for part in subject for key, value in part if key == "commonName"]


def _keep_alive(transport: asyncio.Transport) -> None:
    """The network itself finds out that a silent peer is gone, be it one that is not pinged."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        with contextlib.suppress(AttributeError):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _over(timer: asyncio.TimerHandle) -> bool:
    return timer.cancelled() or timer.when() <= asyncio.get_running_loop().time()
