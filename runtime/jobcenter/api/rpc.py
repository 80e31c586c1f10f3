"""The subset of JSON-RPC 2.0 that both sides speak: one object a frame, named parameters, calls in both directions.

A payload becomes a `Request` or a `Response`, or it is `Broken`; the functions below write the frames of our side. Which methods there
are is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from jobcenter.api import netstring

Id: TypeAlias = str | int | float | bool | None
Params: TypeAlias = dict[str, Any]

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
NO_METHOD: Final = -32601
NAMED_PARAMS: Final = -32602
NOT_A_NOTIFICATION: Final = -32000
FAILED: Final = -32001
NOT_YET: Final = -32002


class Broken(Exception):
    """Not a message of this protocol: the peer cannot be understood. `code` is for the reply that goes before the end."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """A call, or a notification where `id` says nothing (it is absent, null, 0 or empty). `params` are not looked at yet."""

    id: Id
    method: str
    params: object

    @property
    def is_call(self) -> bool:
        return bool(self.id) and self.id != "0"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to a call of ours: `error` is None where it went well."""

    id: Id
    result: object
    error: Mapping[str, Any] | None


def parse(payload: bytes) -> Request | Response:
    """Raises Broken."""
    try:
        message = _read(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Broken(PARSE_ERROR, f"Invalid Request: json decode failed: {why}") from None
    if not isinstance(message, dict):
        raise Broken(INVALID_REQUEST, "Invalid Request: not a json object")
    if message.get("jsonrpc") != "2.0":
        raise Broken(INVALID_REQUEST, "Invalid Request: expected jsonrpc version 2.0")
    if isinstance(message.get("id"), dict | list):
        raise Broken(INVALID_REQUEST, "Invalid Request: id is not a string or number")
    method, failed = message.get("method"), message.get("error")
    if isinstance(method, str):
        return Request(message.get("id"), method, message.get("params"))
    if "id" in message and ("result" in message or isinstance(failed, dict)):
        return Response(message["id"], message.get("result"), failed)
    raise Broken(INVALID_REQUEST, "Invalid Request: neither a method, nor a result, nor an error")


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_read = json.JSONDecoder(parse_constant=_no_constant).decode


def result(id_: Id, value: object) -> bytes:
    return frame({"jsonrpc": "2.0", "id": id_, "result": value})


def error(id_: Id, code: int, message: str, data: object = None) -> bytes:
    body: Params = {"code": code, "message": message}
    if data is not None:
        body["data"] = data
    return frame({"jsonrpc": "2.0", "id": id_, "error": body})


def call(id_: Id, method: str, params: Params) -> bytes:
    return frame({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def notification(method: str, params: Params) -> bytes:
    return frame({"jsonrpc": "2.0", "method": method, "params": params})


def frame(message: Params) -> bytes:
    """UTF-8 as it is; escapes only where a text holds half a surrogate pair, which UTF-8 cannot say."""
    try:
        return netstring.encode(_as_it_is(message).encode("utf-8"))
    except UnicodeEncodeError:
        return netstring.encode(_escaped(message).encode("ascii"))


# Made once: `json.dumps` and `json.loads` with options make one each time.
_as_it_is = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_escaped = json.JSONEncoder(separators=(",", ":")).encode
