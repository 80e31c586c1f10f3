"""The HTTP face: jobs as resources, JSON in and out, their progress as server-sent events. The same service as for the other face.

A token says who asks and what for; then the database's roles decide, as for everybody. `openapi` describes all of this.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from jobcenter.api import calls
from jobcenter.api.calls import Progress
from jobcenter.api.http_reading import (
    Problem,
    body,
    granted,
    idempotency_key,
    job_id,
    number,
    parsed,
    query,
    traced,
)
from jobcenter.api.openapi import document
from jobcenter.api.progress import Lookout
from jobcenter.api.service import Service
from jobcenter.api.tokens import Grant, Tokens
from jobcenter.errors import JobCenterError, JobTimeout
from jobcenter.observe.context import KEY as TRACEPARENT
from jobcenter.orders import Order
from jobcenter.statements import SQL, JobStatus, Statement, scalar, to_json
from jobcenter.storable import unstorable

WAIT: Final = 300.0  # seconds that a request may wait for a result
FOUND: Final = 1000  # jobs that a search gives
HEARTBEAT: Final = 15.0  # seconds between two signs of life on a quiet stream of events

Do: TypeAlias = Callable[[Request, Grant], Awaitable[Response]]


def application(service: Service, lookout: Lookout, tokens: Tokens) -> Starlette:
    """The ASGI application."""
    face = Face(service, lookout)

    def route(path: str, **methods: tuple[str, Do]) -> Route:
        """A path with its methods: which scope each needs, and what it does."""

        async def endpoint(request: Request) -> Response:
            scope, do = methods["GET" if request.method == "HEAD" else request.method]
            begun, status = time.perf_counter(), HTTPStatus.INTERNAL_SERVER_ERROR.value
            told = request.method, f"/v1{path}"
            with service.observer.serving(*told, request.headers.get(TRACEPARENT)) as served:
                try:
                    response = await do(request, granted(request, tokens, scope))
                    status = response.status_code
                    return response
                except JobCenterError as error:
                    problem = Problem.of(error)
                    status = problem.status
                    raise problem from error
                except Problem as problem:
                    status = problem.status
                    raise
                finally:
                    served(status)
                    service.observer.requested(*told, status, time.perf_counter() - begun)

        return Route(f"/v1{path}", endpoint, methods=list(methods))

    return Starlette(
        routes=[
            route("/jobs", POST=("client", face.create), GET=("viewer", face.search)),
            route("/jobs/{job_id}", GET=("viewer", face.status)),
            route("/jobs/{job_id}/result", GET=("viewer", face.result)),
            route("/jobs/{job_id}/events", GET=("viewer", face.events)),
            route("/jobs/{job_id}/cancel", POST=("operator", face.cancel)),
            route("/jobs/{job_id}/retry", POST=("operator", face.retry)),
            route("/events", POST=("client", face.raise_event)),
            route("/workflows/{name}", GET=("viewer", face.workflow)),
            Route("/v1/health", face.health),
            Route("/v1/openapi.json", describe),
        ],
        exception_handlers={Problem: _problem, HTTPException: _refused},
    )


async def describe(request: Request) -> Response:
    return JSONResponse(document())


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _refused(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: paths and methods that there are not."""
    assert isinstance(error, HTTPException)
    return Problem(error.status_code, error.detail, error.headers).response()


class Face:
    """One method a route."""

    def __init__(self, service: Service, lookout: Lookout) -> None:
        self._service = service
        self._lookout = lookout

    async def create(self, request: Request, grant: Grant) -> Response:
        query(request)
        key = idempotency_key(request)
        given = await body(request, {"workflow": str, "args": dict, "tag": str, "env": dict})
        if not given.get("workflow"):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "`workflow` is missing")
        if given.get("args", {}) is None:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "`args` is of the wrong type")
        env = traced(request, given.get("env"))
        order = Order(
            given["workflow"],
            to_json(given.get("args", {}), "the arguments"),
            grant.who,
            given.get("tag"),
            None if env is None else to_json(env, "the environment"),
            key,
        )
        created = await self._service.create(order)
        return JSONResponse(
            {"job_id": created}, HTTPStatus.CREATED, {"Location": f"/v1/jobs/{created}"}
        )

    async def search(self, request: Request, grant: Grant) -> Response:
        given = query(request, "args", "limit")
        wanted = parsed(given.get("args", "{}"), "`args`")
        if not isinstance(wanted, dict):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "`args` must be an object")
        limit = number(given.get("limit", "100"), 1, FOUND, "limit")
        if not limit.is_integer():
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "`limit` is a whole number")
        found = calls.find_jobs(to_json(wanted, "`args`"), int(limit), grant.who)
        return JSONResponse({"jobs": await self._service.run(found)})

    async def status(self, request: Request, grant: Grant) -> Response:
        query(request)
        return JSONResponse(_status(await self._service.status(job_id(request), grant.who)))

    async def result(self, request: Request, grant: Grant) -> Response:
        given = query(request, "timeout")
        timeout = number(given.get("timeout", "30"), 0, WAIT, "timeout")
        wanted = job_id(request)
        try:
            return JSONResponse(_status(await self._service.result(wanted, timeout, grant.who)))
        except JobTimeout:
            return JSONResponse(_status(JobStatus(wanted)), HTTPStatus.ACCEPTED)

    async def events(self, request: Request, grant: Grant) -> Response:
        query(request)
        wanted = job_id(request)
        await self._service.status(wanted, grant.who)  # one that does not exist is no stream
        return StreamingResponse(
            self._stream(wanted, grant.who),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _stream(self, job: int, who: str) -> AsyncIterator[str]:
        watching = self._lookout.watch(job, who)
        coming = asyncio.ensure_future(anext(watching))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=HEARTBEAT)
                if not done:
                    yield ": the job goes on\n\n"
                    continue
                match coming.result():
                    case Progress() as progress:
                        yield _event("progress", progress.steps, asdict(progress))
                    case JobStatus() as status:
                        yield _event("end", None, _status(status))
                        return
                coming = asyncio.ensure_future(anext(watching))
        finally:
            coming.cancel()
            await asyncio.wait({coming})
            await watching.aclose()

    async def cancel(self, request: Request, grant: Grant) -> Response:
        query(request)
        given = await body(request, {"reason": str, "force": bool})
        params = {"reason": given.get("reason"), "force": bool(given.get("force"))}
        return JSONResponse({"cancelled": await self._steer(request, grant, "cancel_job", params)})

    async def retry(self, request: Request, grant: Grant) -> Response:
        query(request)
        given = await body(request, {"reason": str})
        params = {"reason": given.get("reason")}
        return JSONResponse({"retried": await self._steer(request, grant, "retry_job", params)})

    async def _steer(
        self, request: Request, grant: Grant, name: str, params: Mapping[str, object]
    ) -> bool:
        job, who = job_id(request), grant.who
        statement: Statement[bool] = Statement(
            SQL[name], {**params, "job": job, "impersonate": who}, scalar
        )
        return await self._service.steer(job, who, statement)

    async def raise_event(self, request: Request, grant: Grant) -> Response:
        query(request)
        given = await body(request, {"event": dict})
        if given.get("event") is None:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "`event` is missing")
        params = {"event": to_json(given["event"], "the event")}
        reached: int = await self._service.run(Statement(SQL["raise_event"], params, scalar))
        return JSONResponse({"subscriptions": reached})

    async def workflow(self, request: Request, grant: Grant) -> Response:
        given = query(request, "tag")
        name, tag = request.path_params["name"], given.get("tag")
        if unstorable([name, tag], "the query"):
            raise Problem(HTTPStatus.NOT_FOUND, "no such workflow")
        return JSONResponse(await self._service.run(calls.workflow_info(name, tag, grant.who)))

    async def health(self, request: Request) -> Response:
        try:
            await self._service.run(Statement("select 1", {}, scalar, repeatable=True))
        except JobCenterError as error:
            return Problem.of(error).response()
        return JSONResponse({"database": "there"})


def _status(status: JobStatus) -> dict[str, Any]:
    if status.error is not None:
        return {"job_id": status.job_id, "state": "failed", "error": status.error}
    if status.output is not None:
        return {"job_id": status.job_id, "state": "finished", "output": status.output}
    return {"job_id": status.job_id, "state": "running"}


def _event(name: str, id_: int | None, content: dict[str, Any]) -> str:
    """JSON has no line breaks, so it is one line of data."""
    number_line = "" if id_ is None else f"id: {id_}\n"
    return f"event: {name}\n{number_line}data: {json.dumps(content)}\n\n"
