"""The API as a whole: sockets, sessions, and the shared service behind them; how it begins and how it ends.

An orderly stop takes no more peers and hands out no more tasks, waits for the answers to those that are in hand, as long as it may, and
has all that was answered recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jobcenter.api.auth import Certificates, Doorkeeper, Method, Passwords
from jobcenter.api.config import Config, Listen
from jobcenter.api.dispatch import Dispatcher
from jobcenter.api.http import application
from jobcenter.api.http_server import HttpServer
from jobcenter.api.progress import Lookout
from jobcenter.api.service import Service
from jobcenter.api.session import Patience, Session
from jobcenter.api.tokens import Tokens
from jobcenter.api.workers import Workers
from jobcenter.errors import PermissionDenied
from jobcenter.observe.observer import SILENT, Observer

log = logging.getLogger("jobcenter.api")

BACKLOG: Final = 1024


@dataclass(frozen=True, slots=True)
class Door:
    """What a listener asks of those who come in by it: by which methods, and whether each job has to show a token too."""

    methods: frozenset[str]
    request_tokens: Tokens | None = None

    def authscope(self, reqauth: object) -> dict[str, str]:
        """What a job may know of the token that its creator showed. Raises PermissionDenied."""
        token = reqauth.get("token") if isinstance(reqauth, dict) else None
        assert self.request_tokens is not None
        grant = self.request_tokens.grant(token) if isinstance(token, str) else None
        if grant is None or not grant.allows("client"):
            raise PermissionDenied("request authentication failed")
        return {"token": grant.name, "who": grant.who, "scope": grant.scope}


class Api:
    """`async with Api(dsn, config) as api`. `sockets` tells where it listens."""

    def __init__(
        self,
        dsn: str | None,
        config: Config,
        patience: Patience | None = None,
        observer: Observer = SILENT,
    ) -> None:
        self.observer = observer
        self.config = config
        self.patience = patience or Patience()
        self.service = Service(dsn, config.connections, observer)
        self.dispatcher = Dispatcher(self.service)
        self.workers = Workers(self.service, config.grace)
        self.doorkeeper = Doorkeeper(_methods(config))
        self.sessions: set[Session] = set()
        self.lookout = Lookout(self.service)
        self._servers: list[asyncio.Server] = []
        self._http: list[HttpServer] = []
        self._parts: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def __aenter__(self) -> Api:
        await self.service.__aenter__()
        parts = (self.dispatcher.run(), self.workers.run(), self.lookout.run())
        self._parts = [asyncio.create_task(part) for part in parts]
        try:
            for listen in self.config.listen:
                self._servers.append(await self._open(listen))
            for listen in self.config.http:
                self._http.append(await self._open_http(listen))
        except OSError:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop(0)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listener, in the order of the configuration."""
        return [server.sockets[0].getsockname()[:2] for server in self._servers]

    async def _open(self, listen: Listen) -> asyncio.Server:
        door = Door(
            frozenset(listen.auth), Tokens(listen.request_auth) if listen.request_auth else None
        )
        server = await asyncio.get_running_loop().create_server(
            lambda: Session(self, door),
            listen.host,
            listen.port,
            ssl=listen.tls.context() if listen.tls else None,
            backlog=BACKLOG,
        )
        log.info("listening on %s port %d", *server.sockets[0].getsockname()[:2])
        return server

    @property
    def http_addresses(self) -> list[tuple[str, int]]:
        return [server.address for server in self._http]

    async def _open_http(self, listen: Listen) -> HttpServer:
        assert self.config.token_file is not None
        app = application(self.service, self.lookout, Tokens(self.config.token_file))
        server = await HttpServer(app, listen, self.config.most_peers).__aenter__()
        log.info("HTTP on %s port %d", *server.address)
        return server

    async def stop(self, patience: float) -> None:
        """Ends in order; tasks in hand may be answered for `patience` seconds."""
        if self._stopping:
            return
        self._stopping = True
        for server in self._servers:
            server.close()
        self.dispatcher.stop()
        for http in self._http:
            await http.__aexit__()
        await self._wait_for_answers(patience)
        for session in list(self.sessions):
            session.close()
        # What is on its way is ended; a database that is away is not waited for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(patience, 1.0)):
                while self.sessions or self._tasks:
                    await asyncio.sleep(0.02)
                await self.service.drain()
        await self.workers.close()
        for part in self._parts:
            part.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await part
        for task in list(self._tasks):
            task.cancel()
        await self.service.__aexit__()

    async def _wait_for_answers(self, patience: float) -> None:
        end = asyncio.get_running_loop().time() + patience
        while any(session.desk.busy for session in self.sessions):
            if asyncio.get_running_loop().time() >= end:
                log.warning("not all tasks were answered in time: others will try them")
                return
            await asyncio.sleep(0.05)

    # For sessions.

    def joined(self, session: Session) -> bool:
        """Whether there is room for one more."""
        if self._stopping or len(self.sessions) >= self.config.most_peers:
            log.warning("%s: no room for another connection", session.peer.address)
            return False
        self.sessions.add(session)
        self.observer.peers(len(self.sessions))
        return True

    def left(self, session: Session) -> None:
        self.sessions.discard(session)
        self.observer.peers(len(self.sessions))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs beside the others; the end waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call_later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, act)

    def status(self, what: str) -> object:
        """For get_api_status; None for what there is not."""
        match what:
            case "clients" | "clientsraw":
                return [_client(session) for session in self.sessions]
            case "stats":
                workers = sum(session.desk.is_worker for session in self.sessions)
                return {"clients": len(self.sessions), "dead": 0, "workers": workers}
            case "jobs":
                return {"waited_for": len(self.service.endings)}
            case "tasks":
                return {
                    lane.action: {"offered": len(lane.offers), "backlog": lane.queue.backlog}
                    for session in self.sessions
                    for lane in session.desk.lanes.values()
                }
            case _:
                return None


def _client(session: Session) -> dict[str, object]:
    desk = session.desk
    return {
        "from": session.peer.address,
        "who": session.who,
        "workername": session.workername,
        "workeractions": {
            lane.action: {"filter": lane.filtered, "slotgroup": lane.group.name}
            for lane in desk.lanes.values()
        },
        "slotgroups": {
            lane.group.name: {"used": lane.group.used, "slots": lane.group.slots}
            for lane in desk.lanes.values()
        },
    }


def _methods(config: Config) -> Mapping[str, Method]:
    methods: dict[str, Method] = {}
    if config.password_file is not None:
        methods["password"] = Passwords(config.password_file)
    if config.certificate_file is not None:
        methods["clientcert"] = Certificates(config.certificate_file)
    return methods


async def serve(
    dsn: str, config: Config, stopped: asyncio.Event, observer: Observer = SILENT
) -> None:
    """Runs the API, with its HTTP face where one is configured, until `stopped`. Raises OSError where it cannot listen."""
    async with Api(dsn, config, observer=observer) as api:
        await stopped.wait()
        await api.stop(config.stop_patience)
