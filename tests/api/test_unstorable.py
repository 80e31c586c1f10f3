"""What is JSON and cannot be stored nevertheless, over both faces of the API: who says it is told which thing it is, and where."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from jobcenter import AsyncClient, Client, InvalidArguments
from jobcenter.api import rpc
from jobcenter.api.netstring import encode
from tests.api.chores import announce, create, done, take
from tests.api.conftest import PASSWORDS, Place, town, wire

NUL = "holds the character NUL (U+0000)"
HALF = "holds half of a surrogate pair (U+D800)"
ERROR = "Method threw error: "

CALLS: list[tuple[str, dict[str, Any], str]] = [
    (
        "create_job",
        {"wfname": "calltest", "inargs": {"input": {"rows": ["a", "b\0"]}}},
        f"the arguments cannot be stored: `input.rows[1]` {NUL}",
    ),
    (
        "create_job",
        {"wfname": "calltest", "inargs": {"input": "\ud800"}},
        f"the arguments cannot be stored: `input` {HALF}",
    ),
    (
        "create_job",
        {"wfname": "calltest", "inargs": {"input": 1}, "clenv": {"a\0": 1}},
        f"the environment cannot be stored: a key of `clenv` {NUL}: 'a\\x00'",
    ),
    ("create_job", {"wfname": "a\0b", "inargs": {}}, f"`wfname` {NUL}"),
    ("create_job", {"wfname": "a", "inargs": {}, "vtag": "\0"}, f"`vtag` {NUL}"),
    ("find_jobs", {"filter": {"a": "\0"}}, f"the filter cannot be stored: `a` {NUL}"),
    ("find_jobs", {"filter": '{"a": "\\u0000"}'}, f"the filter cannot be stored: `a` {NUL}"),
    ("find_jobs", {"filter": "{"}, "the filter is not JSON: "),
    ("check_if_lock_exists", {"locktype": "\0", "lockvalue": "x"}, f"`locktype` {NUL}"),
    (
        "announce",
        {"actionname": "add", "filter": {"a": "\0"}},
        f"the filter cannot be stored: `a` {NUL}",
    ),
    ("announce", {"actionname": "add", "workername": "w\0"}, f"`workername` {NUL}"),
    ("task_done", {"cookie": "\0", "outargs": {}}, f"`cookie` {NUL}"),
    (
        "run",
        {
            "call": "create_job",
            "params": {
                "workflow": "calltest",
                "args": '{"input": "\\u0000"}',
                "tag": None,
                "impersonate": None,
                "env": None,
                "key": None,
            },
        },
        f"`args` cannot be stored: `input` {NUL}",
    ),
    (
        "run",
        {"call": "raise_event", "params": {"event": '{"a": "\\u0000"}'}},
        f"`event` cannot be stored: `a` {NUL}",
    ),
    (
        "run",
        {"call": "check_if_lock_exists", "params": {"type": "x", "value": "\0"}},
        f"`value` {NUL}",
    ),
]


def test_calls(place: Place) -> None:
    async def run() -> None:
        async with town(place) as api, wire(api, "theCustomer") as peer:
            for method, params, said in CALLS:
                peer.send_bytes(rpc.call("call", method, params))
                answer = await peer.answer_to("call")
                error = answer.get("error")
                text = error["message"] if error else answer["result"][1]
                assert text.removeprefix(ERROR).removeprefix("ERROR:  ").startswith(said), text

    asyncio.run(run())


def test_an_answer_fails_its_task(place: Place) -> None:
    """Be it called or notified; and so does a number that is none for Postgres."""
    bad: list[tuple[Any, str]] = [
        ({"counter": [{"a": "\0"}]}, f"the outputs cannot be stored: `counter[0].a` {NUL}"),
        ({"counter": float("inf")}, "the outputs cannot be written as JSON: "),
    ]

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker)
            for outputs, said in bad:
                text = json.dumps(outputs).replace("Infinity", "1e999")
                for id_ in ("call", None):
                    await create(client, 1)
                    task = await take(worker)
                    message = {"jsonrpc": "2.0", "method": "task_done", "params": "X"}
                    if id_:
                        message["id"] = id_
                    params = f'{{"cookie": "{task["cookie"]}", "outargs": {text}}}'
                    worker.send_bytes(encode(json.dumps(message).replace('"X"', params).encode()))
                    if id_:
                        error = (await worker.answer_to(id_))["error"]["message"]
                        assert error.startswith(f"{ERROR}{said}")
                    output = await done(client)
                    assert output["error"]["class"] == "normal"
                    assert output["error"]["msg"].startswith(said)

    asyncio.run(run())


def test_an_error_stays_of_its_class(place: Place) -> None:
    """And says what it can."""
    error = {"class": "mine", "msg": "a\0b\ud800", "more": "\0"}

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker)
            await create(client, 1)
            task = await take(worker)
            params = {"cookie": task["cookie"], "outargs": {"error": error}}
            worker.send_bytes(rpc.call("call", "task_done", params))
            said = (await worker.answer_to("call"))["error"]["message"]
            assert said.startswith(f"{ERROR}the outputs cannot be stored: `error.msg` {NUL}")
            assert await done(client) == {"error": {"class": "mine", "msg": "a\\x00b\\ud800"}}

    asyncio.run(run())


def test_the_python_clients(place: Place) -> None:
    said = rf"^the arguments cannot be stored: `\[1\]\.input` {re.escape(NUL)}$"

    async def run() -> None:
        async with town(place) as api:
            dsn = "tcp://{}:{}".format(*api.addresses[0])
            for client in (
                AsyncClient(place.dsn),
                AsyncClient(dsn, who="theCustomer", token=PASSWORDS["theCustomer"][0]),
            ):
                async with client as jc:
                    with pytest.raises(InvalidArguments, match=said):
                        await jc.create_jobs("calltest", [{"input": 1}, {"input": "\0"}])
                    with pytest.raises(InvalidArguments, match="the event cannot be stored"):
                        await jc.raise_event({"a": "\0"})

    asyncio.run(run())
    with Client(place.dsn) as jc, pytest.raises(InvalidArguments, match=said):
        jc.create_jobs("calltest", [{"input": 1}, {"input": "\0"}])
