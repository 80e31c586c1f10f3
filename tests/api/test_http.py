"""The HTTP face: what its requests do and say; and whether it keeps what its OpenAPI document promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from jobcenter.api.config import Config, Listen
from jobcenter.api.http import application
from jobcenter.api.openapi import document
from jobcenter.api.server import Api
from jobcenter.api.tokens import SCOPES, Tokens, new_token
from tests.api.conftest import SECONDS, Place, adders, town

Json = dict[str, Any]


@pytest.fixture
def tokens(place: Place) -> dict[str, str]:
    """By scope; all stand for theCustomer, but `boss` for theBoss."""
    made = {scope: new_token(scope, "theCustomer", scope) for scope in SCOPES}
    made["boss"] = new_token("boss", "theBoss", "operator")
    (place.folder / "tokens").write_text("".join(f"{line}\n" for _, line in made.values()))
    return {name: token for name, (token, _) in made.items()}


def over_http(place: Place, **more: Any) -> Place:
    listen = (Listen("127.0.0.1", 0),)
    return place.with_config(http=listen, token_file=place.folder / "tokens", **more)


@asynccontextmanager
async def web(place: Place, token: str | None) -> AsyncIterator[httpx.AsyncClient]:
    async with town(over_http(place)) as api, adders(place.dsn):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = "http://{}:{}/v1".format(*api.http_addresses[0])
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=SECONDS) as client:
            yield client


def visit(
    place: Place, token: str | None, act: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]
) -> None:
    async def run() -> None:
        async with web(place, token) as client:
            await act(client)

    asyncio.run(run())


def test_a_job_from_its_creation_to_its_end(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        created = await http.post("/jobs", json={"workflow": "calltest", "args": {"input": 12}})
        assert created.status_code == 201
        job = created.json()["job_id"]
        assert created.headers["location"] == f"/v1/jobs/{job}"
        result = await http.get(f"/jobs/{job}/result")
        ended = {"job_id": job, "state": "finished", "output": {"output": 15}}
        assert (result.status_code, result.json()) == (200, ended)
        assert (await http.get(f"/jobs/{job}")).json() == ended
        assert (await http.get("/jobs", params={"args": '{"input":12}'})).json() == {"jobs": [job]}
        assert (await http.get("/jobs", params={"args": '{"input":13}'})).json() == {"jobs": []}
        failed = await http.post(
            "/jobs", json={"workflow": "raise_errortest", "args": {"in": "it"}}
        )
        result = await http.get(f"/jobs/{failed.json()['job_id']}/result")
        assert result.json()["state"] == "failed"
        assert result.json()["error"] == {"class": "normal", "msg": "no luck with it"}

    visit(place, tokens["client"], act)


def test_the_same_key_gives_the_same_job(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        order = {"workflow": "calltest", "args": {"input": 1}}
        keys = ("order-77", "order-77", "order-78")
        answers = [
            await http.post("/jobs", json=order, headers={"Idempotency-Key": key}) for key in keys
        ]
        first, again, other = (answer.json()["job_id"] for answer in answers)
        assert first == again != other

    visit(place, tokens["client"], act)


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("header", "env", "carried"),
    [
        (TRACE, None, {"traceparent": TRACE}),
        (TRACE, {"lang": "de"}, {"lang": "de", "traceparent": TRACE}),
        (TRACE, {"traceparent": "mine"}, {"traceparent": "mine"}),
        ("nonsense", None, None),
    ],
)
def test_a_job_carries_the_trace_of_who_asked(
    place: Place, tokens: dict[str, str], header: str, env: Json | None, carried: Json | None
) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        order = {"workflow": "sleeptest", "args": {"in": "x"}, "env": env}
        created = await http.post("/jobs", json=order, headers={"traceparent": header})
        row = place.connection.execute(
            "select environment from jobcenter.jobs where job_id = %s", [created.json()["job_id"]]
        ).fetchone()
        assert row is not None
        given = {k: v for k, v in (row[0] or {}).items() if k in ("lang", "traceparent")}
        assert given == (carried or {})

    visit(place, tokens["client"], act)


def test_waiting_has_a_limit(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        order = {"workflow": "sleeptest", "args": {"in": "x"}}
        job = (await http.post("/jobs", json=order)).json()["job_id"]
        waited = await http.get(f"/jobs/{job}/result", params={"timeout": 0.1})
        assert (waited.status_code, waited.json()) == (202, {"job_id": job, "state": "running"})
        assert (await http.get(f"/jobs/{job}")).json() == {"job_id": job, "state": "running"}

    visit(place, tokens["client"], act)


async def events(http: httpx.AsyncClient, job: int) -> list[tuple[str, Json]]:
    heard = []
    async with http.stream("GET", f"/jobs/{job}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for block in stream.aiter_text():
            for event in block.strip().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in event.split("\n"))
                heard.append((fields["event"], json.loads(fields["data"])))
    return heard


async def until_it_waits(http: httpx.AsyncClient, job: int) -> None:
    """Returns when the job waits for its event."""
    async with http.stream("GET", f"/jobs/{job}/events") as stream:
        async for block in stream.aiter_text():
            if '"eventwait"' in block:
                return
    raise AssertionError("it ended")


def test_a_job_is_watched(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        order = {"workflow": "sleeptest", "args": {"in": "x"}}
        job = (await http.post("/jobs", json=order)).json()["job_id"]
        heard, other = await asyncio.gather(events(http, job), events(http, job))
        assert heard[-1] == (
            "end",
            {"job_id": job, "state": "finished", "output": {"out": "got timeout"}},
        )
        waiting = [content for name, content in heard if content.get("state") == "eventwait"]
        assert waiting
        assert {name for name, _ in heard[:-1]} == {"progress"}
        assert waiting[-1]["task"] == "wait_for_event"
        assert other[-1] == heard[-1]
        # Who comes late hears the end.
        assert await events(http, job) == heard[-1:]

    visit(place, tokens["client"], act)


def test_jobs_are_steered(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        order = {"workflow": "sleeptest", "args": {"in": "x"}}
        job = (await http.post("/jobs", json=order)).json()["job_id"]
        await until_it_waits(http, job)
        raised = await http.post("/events", json={"event": {"sleeptest": "x"}})
        assert raised.json() == {"subscriptions": 1}
        ended = await http.get(f"/jobs/{job}/result")
        assert ended.json()["output"] == {"out": "got the event"}
        job = (await http.post("/jobs", json=order)).json()["job_id"]
        await until_it_waits(http, job)
        assert (await http.post(f"/jobs/{job}/retry")).json() == {"retried": False}
        cancel = await http.post(f"/jobs/{job}/cancel", json={"reason": "enough", "force": True})
        assert cancel.json() == {"cancelled": True}
        failed = (await http.get(f"/jobs/{job}/result")).json()
        assert failed["error"] == {"class": "fatal", "msg": "enough"}
        assert (await http.post(f"/jobs/{job}/cancel")).json() == {"cancelled": False}
        info = (await http.get("/workflows/calltest")).json()
        assert info["inputs"][0]["name"] == "input"

    visit(place, tokens["operator"], act)


def test_scopes_and_roles(place: Place, tokens: dict[str, str]) -> None:
    needs = {
        ("POST", "/jobs"): "client",
        ("GET", "/jobs"): "viewer",
        ("GET", "/jobs/9"): "viewer",
        ("POST", "/events"): "client",
        ("POST", "/jobs/9/cancel"): "operator",
        ("POST", "/jobs/9/retry"): "operator",
        ("GET", "/workflows/calltest"): "viewer",
    }

    async def act(http: httpx.AsyncClient) -> None:
        for (method, path), needed in needs.items():
            assert (await http.request(method, path)).status_code == 401
            wrong = {"Authorization": "Bearer jct_client_0"}
            assert (await http.request(method, path, headers=wrong)).status_code == 401
            for place_, scope in enumerate(SCOPES):
                headers = {"Authorization": f"Bearer {tokens[scope]}"}
                status = (await http.request(method, path, headers=headers)).status_code
                assert (status == 403) == (place_ < SCOPES.index(needed)), (method, path, scope)
        headers = {"Authorization": f"Bearer {tokens['operator']}"}
        answer = await http.post("/jobs", json={"workflow": "forbidden"}, headers=headers)
        assert answer.status_code == 403
        headers = {"Authorization": f"Bearer {tokens['boss']}"}
        answer = await http.post("/jobs", json={"workflow": "forbidden"}, headers=headers)
        assert answer.status_code == 201

    visit(place, None, act)


def test_the_jobs_of_another_role_are_not_seen(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        boss, other = ({"Authorization": f"Bearer {tokens[name]}"} for name in ("boss", "operator"))
        created = await http.post("/jobs", json={"workflow": "forbidden"}, headers=boss)
        job = created.json()["job_id"]
        ended = await http.get(f"/jobs/{job}/result", headers=boss)
        assert ended.json()["state"] == "finished"
        assert (await http.get("/jobs", headers=boss)).json() == {"jobs": [job]}
        for path in (f"/jobs/{job}", f"/jobs/{job}/result", f"/jobs/{job}/events"):
            answer = await http.get(path, headers=other)
            assert (answer.status_code, answer.json()["detail"]) == (404, f"no job {job}")
        assert (await http.get("/jobs", headers=other)).json() == {"jobs": []}
        for verb in ("cancel", "retry"):
            answer = await http.post(f"/jobs/{job}/{verb}", json={}, headers=other)
            assert (answer.status_code, answer.json()["detail"]) == (404, f"no job {job}")
        info = await http.get("/workflows/forbidden", headers=other)
        assert info.status_code == 403
        assert "theCustomer may not see workflow forbidden" in info.json()["detail"]
        info = await http.get("/workflows/forbidden", headers=boss)
        assert info.json()["roles"] == ["theBoss"]

    visit(place, None, act)


PROBLEMS: list[tuple[str, str, Json, int, str]] = [
    ("GET", "/nowhere", {}, 404, "Not Found"),
    ("PUT", "/jobs", {}, 405, "Method Not Allowed"),
    ("GET", "/jobs/9", {}, 404, "no job 9"),
    ("GET", "/jobs/abc", {}, 404, "no job abc"),
    ("GET", f"/jobs/{2**63}", {}, 404, f"no job {2**63}"),
    ("GET", "/jobs/9/result", {}, 404, "no job 9"),
    ("GET", "/jobs/9/events", {}, 404, "no job 9"),
    ("POST", "/jobs/9/cancel", {}, 404, "no job 9"),
    ("POST", "/jobs/9/retry", {"json": {"reason": 1}}, 422, "`reason` is of the wrong type"),
    ("GET", "/workflows/nosuch", {}, 404, "no workflow named nosuch"),
    ("POST", "/jobs", {}, 422, "`workflow` is missing"),
    ("POST", "/jobs", {"json": []}, 422, "the body must be an object"),
    ("POST", "/jobs", {"json": {"workflow": "nosuch"}}, 404, "no workflow named nosuch"),
    ("POST", "/jobs", {"json": {"workflow": "a\0b"}}, 422, "`workflow` holds the character NUL"),
    (
        "POST",
        "/jobs",
        {"json": {"workflow": "calltest", "args": {"input": ["\0"]}}},
        422,
        "the arguments cannot be stored: `input[0]` holds the character NUL (U+0000)",
    ),
    (
        "POST",
        "/events",
        {"json": {"event": {"a": "\0"}}},
        422,
        "the event cannot be stored: `a` holds the character NUL",
    ),
    ("POST", "/jobs", {"json": {"workflow": "calltest", "more": 1}}, 422, "`more` is not known"),
    ("POST", "/jobs", {"json": {"workflow": "calltest"}}, 422, 'argument "input" not found'),
    ("POST", "/jobs?x=1", {"json": {"workflow": "calltest"}}, 422, "the parameters are none"),
    ("POST", "/jobs", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "no JSON"),
    ("POST", "/jobs", {"content": b"[" * 99_999, "headers": {"Content-Type": "application/json"}}, 400, "no JSON"),
    ("POST", "/jobs", {"content": b"{}"}, 415, "must be application/json"),
    ("POST", "/jobs", {"content": b"x" * 1_000_000}, 413, "999999 bytes at most"),
    ("POST", "/jobs", {"json": {"workflow": "calltest"}, "headers": {"Idempotency-Key": "x" * 201}}, 422, "1 to 200"),
    ("POST", "/events", {"json": {}}, 422, "`event` is missing"),
    ("GET", "/jobs?args=[]", {}, 422, "`args` must be an object"),
    ("GET", "/jobs?args={", {}, 400, "`args` is no JSON"),
    ("GET", "/jobs?limit=0", {}, 422, "`limit` is a number from 1 to 1000"),
    ("GET", "/jobs?limit=1.5", {}, 422, "`limit` is a whole number"),
    ("GET", "/jobs?limit=1&limit=2", {}, 422, "each once at most"),
    ("GET", "/jobs/9/result?timeout=301", {}, 422, "from 0 to 300"),
    ("GET", "/jobs/9/result?timeout=nan", {}, 422, "from 0 to 300"),
]  # fmt: skip


def test_problems_are_told_in_one_form(place: Place, tokens: dict[str, str]) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        for method, path, request, status, detail in PROBLEMS:
            answer = await http.request(method, path, **request)
            assert answer.status_code == status, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert problem["status"] == status
            assert detail in problem["detail"], (path, problem)

    visit(place, tokens["operator"], act)


def test_health_without_a_database() -> None:
    """It is for those who ask whether to send others here."""

    async def run() -> None:
        config = Config(http=(), listen=(Listen("127.0.0.1", 0),))
        async with Api("host=/nowhere dbname=x", config) as api:
            app = application(api.service, api.lookout, Tokens(Path("none")))
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
                answer = await http.get("/v1/health")
                assert answer.status_code == 503
                assert answer.json()["title"] == "Service Unavailable"

    asyncio.run(run())


def test_the_openapi_document_is_one(place: Place, tokens: dict[str, str]) -> None:
    validate(document())

    async def act(http: httpx.AsyncClient) -> None:
        assert (await http.get("/openapi.json")).json() == document()
        assert (await http.get("/health")).json() == {"database": "there"}

    visit(place, None, act)
