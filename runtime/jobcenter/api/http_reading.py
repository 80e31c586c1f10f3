"""What comes in by HTTP: bodies, queries, tokens. Each function gives a value that can be worked with, or raises a `Problem`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from jobcenter import errors
from jobcenter.api.tokens import Grant, Tokens
from jobcenter.observe.context import KEY as TRACEPARENT
from jobcenter.observe.context import TraceParent, carried
from jobcenter.storable import unstorable

BODY: Final = 999_999  # bytes
KEY: Final = 200  # characters of an idempotency key

STATUS: Final[Mapping[type[errors.JobCenterError], HTTPStatus]] = {
    errors.NoDatabase: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnknownWorkflow: HTTPStatus.NOT_FOUND,
    errors.UnknownJob: HTTPStatus.NOT_FOUND,
    errors.Disabled: HTTPStatus.CONFLICT,
    errors.PermissionDenied: HTTPStatus.FORBIDDEN,
}


class Problem(Exception):
    """An answer that says what is wrong (RFC 9457)."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.headers = headers

    @staticmethod
    def of(error: errors.JobCenterError) -> Problem:
        return Problem(STATUS.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY), str(error))

    def response(self) -> JSONResponse:
        content = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": str(self),
        }
        return JSONResponse(
            content, self.status, self.headers, media_type="application/problem+json"
        )


def granted(request: Request, tokens: Tokens, scope: str) -> Grant:
    """Who asks, if he may ask for this."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    grant = tokens.grant(token.strip()) if kind.lower() == "bearer" else None
    if grant is None:
        wanted = {"WWW-Authenticate": 'Bearer realm="jobcenter"'}
        raise Problem(HTTPStatus.UNAUTHORIZED, "a bearer token is wanted", wanted)
    if not grant.allows(scope):
        raise Problem(HTTPStatus.FORBIDDEN, f"the token is for `{grant.scope}`, not for `{scope}`")
    return grant


async def body(request: Request, known: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """A JSON object with no other members than these, each of its type or null. An empty body is an empty object."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body may have {BODY} bytes at most"
            )
    if not content:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json")
    given = parsed(bytes(content), "the body")
    if not isinstance(given, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the body must be an object")
    for name, value in given.items():
        if name not in known:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"`{name[:100]}` is not known here")
        wanted = known[name]
        if value is not None and not isinstance(value, wanted):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"`{name}` is of the wrong type")
        if isinstance(value, str) and (wrong := unstorable({name: value}, "the body")):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
    return given


def parsed(text: bytes | str, what: str) -> Any:
    def no_constant(name: str) -> object:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem(HTTPStatus.BAD_REQUEST, f"{what} is no JSON: {why}") from None


def query(request: Request, *known: str) -> dict[str, str]:
    """The query's parameters, each once, no others than these."""
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) < len(pairs) or given.keys() - set(known):
        names = ", ".join(f"`{name}`" for name in known) or "none"
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"the parameters are {names}, each once at most"
        )
    return given


def number(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text) if text.isascii() and not text.isspace() else None
    except ValueError:
        value = None
    if value is None or "_" in text or not least <= value <= most:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"`{what}` is a number from {least:g} to {most:g}"
        )
    return value


def job_id(request: Request) -> int:
    """The path's job. One that cannot be is not found, like one that is not."""
    text: str = request.path_params["job_id"]
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) < 2**63):
        raise Problem(HTTPStatus.NOT_FOUND, f"no job {text[:50]}")
    return int(text)


def idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= KEY and key.isprintable()):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"an Idempotency-Key has 1 to {KEY} characters"
        )
    return key


def traced(request: Request, env: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The environment of a new job, with a trace context (W3C) where it has none: of the request's span, else the caller's.
    A header that is none is ignored, as the standard wants it."""
    env = carried(env)
    parent = TraceParent.parse(request.headers.get(TRACEPARENT))
    if parent is None or (env is not None and TRACEPARENT in env):
        return env
    return {**(env or {}), TRACEPARENT: str(parent)}
