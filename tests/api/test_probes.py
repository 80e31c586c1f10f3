"""What the server says to single frames, right ones and wrong ones: shapes and texts on which clients rely.

Where the predecessor closed a connection without a word, ours says why first; its names of files and functions are left out of texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from jobcenter.api.netstring import encode
from jobcenter.api.server import Api
from tests.api.conftest import PASSWORDS, Place, Wire, adders, town, wire

Frame = dict[str, Any]


def session(place: Place, act: Callable[[Wire], Awaitable[None]], who: str | None = None) -> None:
    async def run() -> None:
        async with Api(place.dsn, place.config) as api, wire(api, who) as connection:
            await act(connection)

    asyncio.run(run())


def error(code: int, message: str) -> Frame:
    return {"error": {"code": code, "message": message}}


def threw(message: str) -> Frame:
    return error(-32001, f"Method threw error: {message}\n")


NUL = "holds the character NUL (U+0000)"

CASES: list[tuple[str, Frame, Frame]] = [
    ("ping", {}, {"result": "pong?"}),
    ("nosuch", {}, error(-32601, "Method not found.")),
    ("create_job", {"inargs": {}}, threw("no workflowname?")),
    ("create_job", {"wfname": "calltest", "inargs": "x"}, threw("inargs should be a hashref")),
    ("create_job", {"wfname": "calltest"}, threw("inargs should be a hashref")),
    ("create_job", {"wfname": "a\0b", "inargs": {}}, threw(f"`wfname` {NUL}")),
    (
        "create_job",
        {"wfname": "nosuchwf", "inargs": {}},
        {"result": [None, "ERROR:  no workflow named nosuchwf"]},
    ),
    (
        "create_job",
        {"wfname": "calltest", "inargs": {"input": "x\0"}},
        {"result": [None, f"ERROR:  the arguments cannot be stored: `input` {NUL}"]},
    ),
    (
        "create_job",
        {"wfname": "forbidden", "inargs": {}},
        {"result": [None, "ERROR:  role theCustomer may not create jobs of workflow forbidden"]},
    ),
    ("get_job_status", {}, threw("no job_id?")),
    ("get_job_status", {"job_id": "abc"}, threw("invalid abc")),
    ("get_job_status", {"job_id": 9}, {"result": [None, {"error": "no job 9"}]}),
    ("get_job_status", {"job_id": "9"}, {"result": [None, {"error": "no job 9"}]}),
    (
        "get_job_status",
        {"job_id": 2**63},
        {"result": [None, {"error": f"no job {2**63}"}]},
    ),
    ("find_jobs", {"filter": '{"input":12}'}, {"result": []}),
    (
        "find_jobs",
        {"filter": "x"},
        {
            "result": [
                None,
                "ERROR:  the filter is not JSON: Expecting value: line 1 column 1 (char 0)",
            ]
        },
    ),
    ("find_jobs", {}, threw("no filter?")),
    ("check_if_lock_exists", {"locktype": "foo", "lockvalue": "bar"}, {"result": False}),
    ("check_if_lock_exists", {"locktype": "nosuch", "lockvalue": "bar"}, {"result": None}),
    ("check_if_lock_exists", {"lockvalue": "bar"}, threw("no locktype?")),
    ("check_if_lock_exists", {"locktype": "foo"}, threw("no lockvalue?")),
    ("create_slotgroup", {"name": "grp", "slots": 4}, {"result": ""}),
    ("create_slotgroup", {"name": "grp", "slots": "4"}, {"result": ""}),
    ("create_slotgroup", {"slots": 4}, threw("slotgroup name required")),
    ("create_slotgroup", {"name": "_x", "slots": 4}, threw("invalid slotgroup name")),
    ("create_slotgroup", {"name": "x", "slots": 0}, threw("slots should be a positive number")),
    ("announce", {"actionname": "add"}, {"result": [True, "success"]}),
    ("announce", {}, threw("actionname required")),
    (
        "announce",
        {"actionname": "nosuch"},
        {"result": [False, "ERROR:  no action named nosuch"]},
    ),
    (
        "announce",
        {"actionname": "add", "filter": {"host": "x"}},
        {"result": [False, "ERROR:  filtering is not allowed for action add"]},
    ),
    ("announce", {"actionname": "add", "filter": "x"}, threw("filter must be a json object")),
    ("announce", {"actionname": "fetch", "filter": {"host": "x"}}, {"result": [True, "success"]}),
    (
        "announce",
        {"actionname": "add", "slotgroup": "g", "slots": 2},
        threw("cannot provide both slotgroup and slots"),
    ),
    ("announce", {"actionname": "add", "slotgroup": "g"}, threw("slotgroup g does not exist")),
    ("withdraw", {"actionname": "add"}, threw("actionname add not announced?")),
    ("withdraw", {}, threw("actionname required")),
    ("get_task", {"actionname": "add", "job_id": 123456}, {"result": []}),
    ("get_task", {"actionname": "add", "job_id": "task-of-nobody"}, {"result": []}),
    ("get_task", {"actionname": "add"}, threw("no job_id?")),
    ("task_done", {"cookie": "nonsense", "outargs": {}}, {"result": []}),
    ("task_done", {"outargs": {}}, threw("task_done: no cookie!?")),
    ("task_done", {"cookie": "nonsense"}, threw("task_done: no outargs!?")),
    ("get_api_status", {"what": "clients"}, threw("permission denied")),
    ("get_api_status", {}, threw("permission denied")),
]


@pytest.mark.parametrize(
    ("method", "params", "answer"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)]
)
def test_a_call_and_its_answer(place: Place, method: str, params: Frame, answer: Frame) -> None:
    async def act(wire: Wire) -> None:
        assert await wire.call(method, **params) == answer

    session(place, act, "theCustomer")


def test_only_ping_and_hello_come_before_hello(place: Place) -> None:
    async def act(wire: Wire) -> None:
        refused = error(-32002, "This method requires connection state auth")
        assert await wire.call("create_job", 1, wfname="calltest", inargs={}) == refused
        assert await wire.call("ping", 2) == {"result": "pong?"}
        assert await wire.call("hello", 3, who="theCustomer", method="password") == threw(
            "no token?"
        )
        assert await wire.call("get_job_status", 4, job_id=1) == refused

    session(place, act)


WRONG_LOGINS = [
    {"who": "theCustomer", "method": "password", "token": "wrong"},
    {"who": "nobody", "method": "password", "token": "wantsThings"},
    {"who": "theCustomer", "method": "magic", "token": "wantsThings"},
    {"who": "theCustomer", "method": "clientcert", "token": "x"},
    {"who": "theCustomer", "method": "password", "token": "wants\0Things"[:5] + "€" * 10_000},
]


@pytest.mark.parametrize("login", WRONG_LOGINS, ids=range(len(WRONG_LOGINS)))
def test_who_is_refused_is_told_so_and_disconnected(place: Place, login: Frame) -> None:
    async def act(wire: Wire) -> None:
        assert await wire.call("hello", **login) == {"result": [False, "you're not welcome!"]}
        assert await wire.read() is None

    session(place, act)


def test_hello_may_be_said_again_by_somebody_else(place: Place) -> None:
    async def act(wire: Wire) -> None:
        token = PASSWORDS["apimeister"][0]
        welcome = await wire.result("hello", who="apimeister", method="password", token=token)
        assert welcome == [True, "welcome to the clientapi apimeister!"]
        stats = await wire.result("get_api_status", what="stats")
        assert stats == {"clients": 1, "dead": 0, "workers": 0}
        (client,) = await wire.result("get_api_status", what="clients")
        assert (client["from"], client["who"]) == ("127.0.0.1", "apimeister")
        assert await wire.result("get_api_status", what="jobs") == {"waited_for": 0}
        assert await wire.result("get_api_status", what="tasks") == {}
        assert await wire.result("get_api_status", what="else") == "no status for else"
        assert await wire.call("get_api_status") == threw("what status?")

    session(place, act, "theCustomer")


@pytest.mark.parametrize("id_", [0, "", None])
def test_a_call_without_an_id_is_no_notification(place: Place, id_: object) -> None:
    async def act(wire: Wire) -> None:
        refused = error(-32000, "Method is not a notification.")
        assert await wire.call("ping", id_) == refused
        wire.send({"method": "ping", "params": {}})
        assert await wire.read() == {"id": None, **refused}

    session(place, act)


def test_parameters_must_be_named(place: Place) -> None:
    async def act(wire: Wire) -> None:
        wire.send({"method": "ping", "id": 7, "params": []})
        assert await wire.read() == {"id": 7, **error(-32602, "This method expects named params.")}
        wire.send({"method": "ping", "id": 8})
        missing = "Invalid Request: params should be array or object."
        assert await wire.read() == {"id": 8, **error(-32600, missing)}

    session(place, act)


def test_two_frames_in_one_packet_and_one_in_pieces(place: Place) -> None:
    async def act(wire: Wire) -> None:
        frames = b"".join(
            encode(b'{"jsonrpc":"2.0","method":"ping","params":{},"id":%d}' % n) for n in (23, 24)
        )
        wire.send_bytes(frames)
        assert [await wire.read(), await wire.read()] == [
            {"id": 23, "result": "pong?"},
            {"id": 24, "result": "pong?"},
        ]
        for place_ in range(len(frames)):
            wire.send_bytes(frames[place_ : place_ + 1])
            await wire.writer.drain()
            await asyncio.sleep(0)
        assert [(await wire.read() or {})["id"] for _ in range(2)] == [23, 24]

    session(place, act)


def test_what_comes_right_behind_hello_is_answered_after_it(place: Place) -> None:
    async def act(wire: Wire) -> None:
        hello = {"who": "theCustomer", "method": "password", "token": "wantsThings"}
        wire.send({"id": 1, "method": "hello", "params": hello})
        wire.send({"id": 2, "method": "find_jobs", "params": {"filter": "{}"}})
        assert await wire.read() == {
            "id": 1,
            "result": [True, "welcome to the clientapi theCustomer!"],
        }
        assert await wire.read() == {"id": 2, "result": []}

    session(place, act)


def test_an_answer_to_no_question_is_not_looked_at(place: Place) -> None:
    async def act(wire: Wire) -> None:
        wire.send({"id": "nobody", "result": "pong!"})
        wire.send({"id": None, "error": {"code": 1, "message": "x"}})
        assert await wire.call("ping") == {"result": "pong?"}

    session(place, act)


def test_a_job_that_fails_and_one_whose_end_is_asked_for(place: Place) -> None:
    async def run() -> None:
        async with town(place) as api, adders(place.dsn), wire(api, "theCustomer") as wired:
            job, none = await wired.result(
                "create_job", wfname="raise_errortest", inargs={"in": "it"}
            )
            assert none is None
            done = await wired.read()
            assert done == {
                "method": "job_done",
                "params": {
                    "job_id": job,
                    "outargs": {"error": {"class": "normal", "msg": "no luck with it"}},
                },
            }
            assert await wired.result("get_job_status", job_id=job, notify=True) == [
                job,
                {"error": {"class": "normal", "msg": "no luck with it"}},
            ]
            slow, _ = await wired.result("create_job", wfname="sleeptest", inargs={"in": "x"})
            async with wire(api, "theBoss") as other:
                answer = await other.result("get_job_status", job_id=slow, notify=True)
                assert answer == [None, None]
                ended = {"job_id": slow, "outargs": {"out": "got timeout"}}
                assert await other.read() == {"method": "job_done", "params": ended}

    asyncio.run(run())
