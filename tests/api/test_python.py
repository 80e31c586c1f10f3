"""The Python clients and the worker over the network API: the same classes and methods as over a database."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from jobcenter import (
    AsyncClient,
    Client,
    InvalidArguments,
    JobError,
    JobTimeout,
    NoDatabase,
    PermissionDenied,
    UnknownJob,
    UnknownWorkflow,
    Worker,
    inspection,
    network,
)
from jobcenter.api import remote
from jobcenter.api.config import Listen
from jobcenter.api.netstring import encode
from jobcenter.api.server import Api
from jobcenter.errors import UsageError
from tests.api.conftest import PASSWORDS, SECONDS, Place, moving, town, wire

Outputs = dict[str, Any]


class Town:
    """API and Maestro in a thread of their own, for clients that block."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.api: Api | None = None
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._live())
        self._loop.close()

    async def _live(self) -> None:
        stopped = asyncio.Event()
        self._stop = stopped.set
        async with town(self.place) as self.api:
            self._ready.set()
            await stopped.wait()

    def __enter__(self) -> Town:
        self._thread.start()
        assert self._ready.wait(SECONDS)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join()

    @property
    def address(self) -> str:
        assert self.api is not None
        return "tcp://{}:{}".format(*self.api.addresses[0])

    def cut(self) -> None:
        """All connections of peers break."""
        assert self.api is not None
        cut = threading.Event()

        def abort() -> None:
            assert self.api is not None
            for session in list(self.api.sessions):
                session.close()
            cut.set()

        self._loop.call_soon_threadsafe(abort)
        assert cut.wait(SECONDS)


@pytest.fixture
def city(place: Place) -> Iterator[Town]:
    with Town(place) as there:
        yield there


def client(there: Town, who: str = "theCustomer") -> Client:
    return Client(there.address, who=who, token=PASSWORDS[who][0])


@contextmanager
def working(there: Town) -> Iterator[Worker]:
    """A worker over the API, in a thread."""
    worker = adder(there.address)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(worker.serve()))
    thread.start()
    try:
        yield worker
    finally:
        loop.call_soon_threadsafe(worker.stop)
        thread.join()
        loop.close()


def adder(address: str, **options: Any) -> Worker:
    worker = Worker(
        "adder", address, who="theEmployee", token=PASSWORDS["theEmployee"][0], **options
    )

    @worker.action("add", slots=20)
    async def add(counter: float, step: float) -> Outputs:
        return {"counter": counter + step}

    return worker


def test_the_sync_client(city: Town) -> None:
    with client(city) as jc, working(city):
        assert jc.call("calltest", {"input": 12}, timeout=SECONDS) == {"output": 15}
        jobs = jc.create_jobs("calltest", [{"input": n} for n in range(50)])
        assert [job.result(SECONDS) for job in jobs] == [{"output": n + 3} for n in range(50)]
        first = jc.create_job("calltest", {"input": 1}, key="order-77")
        assert jc.create_job("calltest", {"input": 1}, key="order-77") == first
        assert jobs[7].status().output == {"output": 10}
        assert jobs[7].id in jc.find_jobs({"input": 7})
        assert jc.check_if_lock_exists("foo", "bar") is False
        assert jc.check_if_lock_exists("nosuch", "bar") is None
        assert jc.get_workflow_info("calltest")["inputs"][0]["name"] == "input"
        assert jc.raise_event({"some": "thing"}) == 0


def test_a_job_that_is_tried_again_has_another_end(city: Town) -> None:
    with client(city) as jc:
        with pytest.raises(JobTimeout) as late:
            jc.call("calltest", {"input": 1}, 0)
        job = jc.job(late.value.job_id)
        assert job.cancel("not now", force=True)
        while not job.status().ended:
            time.sleep(0.01)
        assert jc.retry_job(job.id)
        with working(city):
            assert job.result(SECONDS) == {"output": 4}


def test_the_jobs_of_another_role_are_not_seen(city: Town) -> None:
    with client(city, "theBoss") as boss, client(city) as jc:
        job = boss.create_job("forbidden", {})
        assert job.result(timeout=SECONDS) == {"done": True}
        assert boss.find_jobs({}) == [job.id]
        assert jc.find_jobs({}) == []
        for ask in (jc.get_job_status, jc.cancel_job, jc.retry_job):
            with pytest.raises(UnknownJob, match=f"no job {job.id}"):
                ask(job.id)

    async def eavesdrop() -> None:
        assert city.api is not None
        async with wire(city.api, "theCustomer") as peer:
            answer = await peer.call("listen", channel=f"job:{job.id}:finished")
            assert f"no job {job.id}" in answer["error"]["message"]

    asyncio.run(eavesdrop())


def test_what_is_refused_is_raised_as_over_a_database(city: Town) -> None:
    with client(city) as jc:
        with pytest.raises(UnknownWorkflow, match=r"^no workflow named nowhere$"):
            jc.create_job("nowhere", {})
        with pytest.raises(InvalidArguments, match="has wrong type string"):
            jc.create_job("calltest", {"input": "x"})
        with pytest.raises(InvalidArguments):
            jc.create_jobs("calltest", [{"input": 1}, {"input": "x"}])
        with pytest.raises(PermissionDenied):
            jc.create_job("forbidden", {})
        with pytest.raises(PermissionDenied, match="theCustomer may not see workflow forbidden"):
            jc.get_workflow_info("forbidden")
        with pytest.raises(PermissionDenied, match="may not act for theBoss"):
            jc.create_job("forbidden", {}, impersonate="theBoss")
        with pytest.raises(PermissionDenied, match="is for apimeister"):
            jc.disable_action("calltest")
        with pytest.raises(PermissionDenied, match="is for apimeister"):
            jc.get_stale_actions()
        with pytest.raises(UnknownJob, match="no job 99"):
            jc.job(99).status()
        with pytest.raises(InvalidArguments, match="too much for the network API"):
            jc.create_job("calltest", {"input": "x" * 1_000_000})
        with pytest.raises(PermissionDenied, match="from the database itself"):
            jc.run(inspection.states())
        with pytest.raises(JobError, match="no luck with it"):
            jc.call("raise_errortest", {"in": "it"}, timeout=SECONDS)
        assert jc.create_job("calltest", {"input": 1}).status().ended is False
    with client(city, "apimeister") as master:
        assert master.disable_action("calltest") == 1
        assert master.get_stale_actions() == []


def test_jobs_are_steered_by_those_who_may(city: Town) -> None:
    with client(city, "theBoss") as boss, client(city) as customer:
        job = customer.create_job("sleeptest", {"in": "x"})
        with pytest.raises(JobTimeout):
            job.result(timeout=0.1)
        assert not customer.retry_job(job.id)
        assert boss.cancel_job(job.id, "enough")
        with pytest.raises(JobError, match="enough"):
            job.result(SECONDS)
        kept = customer.create_job("sleeptest", {"in": "y"})
        city.place.connection.execute(
            "insert into jobcenter.action_roles select action_id, 'theBoss' from jobcenter.actions"
            " where name = 'sleeptest'"
        )
        with pytest.raises(UnknownJob):
            kept.cancel()
        assert boss.cancel_job(kept.id)


def test_a_client_comes_back_by_itself(city: Town) -> None:
    with client(city) as jc:
        job = jc.create_job("sleeptest", {"in": "x"})
        city.cut()
        assert not job.status().ended
        timer = threading.Timer(0.5, city.cut)
        timer.start()
        assert job.result(SECONDS) == {"out": "got timeout"}
        timer.join()


def test_who_is_not_welcome_is_told_so(city: Town) -> None:
    with pytest.raises(PermissionDenied, match="does not welcome theCustomer"):
        Client(city.address, who="theCustomer", token="wrong").__enter__()

    async def attempt() -> None:
        async with AsyncClient(city.address, who="theCustomer", token="wrong"):
            pass

    with pytest.raises(PermissionDenied, match="does not welcome theCustomer"):
        asyncio.run(attempt())


def test_no_api_is_told_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoDatabase, match="no API at"):
        Client(address, who="a", token="b").__enter__()
    with pytest.raises(NoDatabase, match="no API at"):
        asyncio.run(AsyncClient(address, who="a", token="b").__aenter__())


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "speaks no JobCenter API"),
        (encode(b"{}"), "speaks no JobCenter API"),
        (
            encode(b'{"jsonrpc":"2.0","method":"greetings","params":{"version":"9"}}'),
            "of another version",
        ),
        (b"", "closed the connection"),
    ],
)
def test_something_else_that_listens_there_is_told_so(said: bytes, message: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                peer, _ = server.accept()
                with peer:
                    peer.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(NoDatabase, match=message):
            Client(address, who="a", token="b").__enter__()
        with pytest.raises(NoDatabase, match=message):
            asyncio.run(AsyncClient(address, who="a", token="b").__aenter__())
        thread.join()


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    given = network.address("tcp://a%40b:c%2Fd@host:99")
    assert (given.host, given.port, given.who, given.token, given.tls) == (
        "host",
        99,
        "a@b",
        "c/d",
        None,
    )
    assert "c/d" not in repr(given)
    assert network.address("tcp://host", "a", "b").port == 6522
    context = ssl.create_default_context()
    certified = network.address("tls://host", "a", tls=context)
    assert certified.tls is context
    assert certified.hello == {"who": "a", "method": "clientcert", "token": "-"}
    assert network.address("tls://host", "a", "b").tls is not None
    for wrong in ("tcp://", "tcp://host:x", "tcp://host"):
        with pytest.raises(UsageError):
            network.address(wrong)
    monkeypatch.setenv("JOBCENTER_WHO", "e")
    monkeypatch.setenv("JOBCENTER_TOKEN", "f")
    assert network.address("tcp://host").hello == {"who": "e", "method": "password", "token": "f"}


# The async client and the worker.


@asynccontextmanager
async def serving(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.serve())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(task, SECONDS)


def address_of(api: Api) -> str:
    return "tcp://{}:{}".format(*api.addresses[0])


def async_client(api: Api, who: str = "theCustomer") -> AsyncClient:
    return AsyncClient(address_of(api), who=who, token=PASSWORDS[who][0])


def test_many_coroutines_share_one_client_and_a_worker(place: Place) -> None:
    async def run() -> list[Outputs]:
        async with town(place) as api, serving(adder(address_of(api))), async_client(api) as jc:
            calls = [jc.call("calltest", {"input": n}, timeout=SECONDS) for n in range(200)]
            results = await asyncio.gather(*calls)
            with pytest.raises(UnknownWorkflow):
                await jc.call("nowhere", {})
            return results

    assert asyncio.run(run()) == [{"output": n + 3} for n in range(200)]


def test_a_worker_comes_back_with_its_answers(place: Place) -> None:
    """Its connections are cut while it works, again and again; each step is recorded once."""
    there = place.with_config(grace=20.0)

    async def run() -> list[int]:
        async with town(there) as api, async_client(api) as jc:
            worker = Worker(
                "slow", address_of(api), who="theEmployee", token=PASSWORDS["theEmployee"][0]
            )

            @worker.action("once", slots=10)
            async def once(n: float) -> Outputs:
                await asyncio.sleep(0.05)
                return {"n": n}

            async with serving(worker):
                jobs = await jc.create_jobs("callonce", [{"n": n} for n in range(60)])
                for _ in range(5):
                    await asyncio.sleep(0.15)
                    for session in list(api.sessions):
                        if session.who == "theEmployee":
                            session.close()
                results = await asyncio.gather(*(job.result(SECONDS) for job in jobs))
            assert results == [{"n": n} for n in range(60)]
            return [job.id for job in jobs]

    jobs = asyncio.run(run())
    logged = place.connection.execute(
        "select job_id, count(*) from jobcenter.job_task_log where task_id = 2 and job_id = any (%s)"
        " group by 1 having count(*) > 1",
        [jobs],
    ).fetchall()
    assert logged == []


def test_the_api_is_restarted_under_its_clients(place: Place) -> None:
    async def run() -> None:
        async with moving(place.dsn):
            async with Api(place.dsn, place.config) as first:
                host, port = first.addresses[0]
                worker, jc = adder(address_of(first)), async_client(first)
                serving_task = asyncio.create_task(worker.serve())
                assert await jc.call("calltest", {"input": 1}, timeout=SECONDS) == {"output": 4}
            again = replace(place.config, listen=(Listen(host, port),))
            async with Api(place.dsn, again):
                job = await jc.create_job("calltest", {"input": 2}, key="again")
                assert await job.result(SECONDS) == {"output": 5}
                worker.stop()
                await serving_task
                await jc.close()

    asyncio.run(run())


def test_tasks_that_are_too_long_for_one_answer_come_in_several(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "ROOM", 3000)

    async def run() -> list[str]:
        async with town(place) as api, async_client(api) as jc:
            worker = Worker("pads", address_of(api), who="theEmployee", token="doesThings")

            @worker.action("leftpad", slots=20)
            async def leftpad(string: str, len: int, pad: str) -> Outputs:
                return {"string": string[:1]}

            texts = [letter * 1000 for letter in "abcdefgh"] + ["i" * 5000]
            jobs = await jc.create_jobs(
                "callleftpad", [{"string": text, "len": 3} for text in texts]
            )
            outcomes = []
            async with serving(worker):
                for job in jobs:
                    try:
                        outcomes.append((await job.result(SECONDS))["string"])
                    except JobError as error:
                        outcomes.append(error.msg)
            return outcomes

    *short, long = asyncio.run(run())
    assert short == list("abcdefgh")
    assert long == "the inputs are too long for the worker's connection"


HOSTILE: list[tuple[str, object, str]] = [
    ("nosuch", {}, "there is no call nosuch"),
    ("claim_jobs", {"limit": 1}, "there is no call claim_jobs"),
    ("create_job", {}, "create_job takes args, env, impersonate, key, tag, workflow"),
    ("get_job_status", {"job": {}}, "get_job_status takes job"),
    ("get_job_status", {"job": "x"}, "a job's number is a whole number"),
    ("get_job_status", {"job": 2**70}, "get_job_status takes job"),
    ("find_jobs", {"filter": "\0"}, "`filter` holds the character NUL"),
    ("get_tasks", {"worker": "w", "action": "add", "limit": 1}, "announces its actions before"),
    ("tasks_done", {"cookies": ["x"], "outs": "[1,2]"}, "1 cookies, but 2 answers"),
    ("tasks_done", {"cookies": ["x"], "outs": "["}, "the answers are not JSON"),
    ("tasks_done", {"cookies": "x", "outs": "[]"}, "cookies and answers are lists"),
    ("disconnect", {"worker": 1}, "a worker needs a name"),
]


def test_a_call_of_its_own_making(place: Place) -> None:
    async def run() -> None:
        async with Api(place.dsn, place.config) as api, wire(api, "theCustomer") as peer:
            for name, params, message in HOSTILE:
                answer = await peer.call("run", call=name, params=params)
                assert message in answer["error"]["message"], answer
            order = {
                "workflow": "calltest",
                "tag": None,
                "impersonate": None,
                "env": None,
                "key": None,
            }
            two_jobs = json.dumps({"input": 1}) + "," + json.dumps({"input": 2})
            answer = await peer.call("run", call="create_job", params={**order, "args": two_jobs})
            assert "the arguments are not JSON" in answer["error"]["message"]
            assert answer["error"]["data"] == {"error": "InvalidArguments"}
            for channel in ("jobtaskdone", 'x"; drop table jobs', "job:x:finished"):
                answer = await peer.call("listen", channel=channel)
                assert "nobody may listen" in answer["error"]["message"]
            answer = await peer.call("listen", channel="job:7:finished")
            assert "no job 7" in answer["error"]["message"]
            assert answer["error"]["data"] == {"error": "UnknownJob"}
            one_job = {**order, "args": json.dumps({"input": 1})}
            (row,) = await peer.result("run", call="create_job", params=one_job)
            channel = f"job:{row['o_job_id']}:finished"
            assert await peer.result("listen", channel=channel) is True
            assert await peer.result("unlisten", channel=channel) is True
            assert await peer.result("unlisten", channel=channel) is False

    asyncio.run(run())


def test_the_name_of_somebody_elses_worker_cannot_be_taken(place: Place) -> None:
    async def run() -> None:
        async with (
            Api(place.dsn, place.config) as api,
            wire(api, "theEmployee") as one,
            wire(api, "theVeteran") as other,
        ):
            for peer in (one, other):
                params = {"worker": "w", "action": "add", "impersonate": None, "filter": None}
                await peer.result("run", call="announce", params=params)
            await other.result("run", call="disconnect", params={"worker": "w"})
            alive = place.connection.execute(
                "select name from jobcenter.workers where stopped is null"
            ).fetchall()
            assert alive == [("theEmployee:w",)]

    asyncio.run(run())


ORDER = {"workflow": "calltest", "tag": None, "impersonate": None, "env": None, "key": None}


def test_who_creates_jobs_may_hear_of_their_ends(place: Place) -> None:
    """Once each, with the outputs; what has ended already is not told."""

    async def run() -> None:
        async with (
            town(place) as api,
            serving(adder(address_of(api))),
            wire(api, "theCustomer") as peer,
        ):
            one = {**ORDER, "args": '{"input":1}'}
            (row,) = await peer.result("run", call="create_job", params=one, listen=True)
            ended = row["o_job_id"]
            channel = f"job:{ended}:finished"
            told = {"channel": channel, "output": {"output": 4}}
            assert await peer.read() == {"method": "notified", "params": told}
            status = {"job": ended}
            rows = await peer.result("run", call="get_job_status", params=status, listen=True)
            assert rows == [{"get_job_status": {"output": 4}}]
            assert await peer.result("unlisten", channel=channel) is False
            del one["key"]
            several = {**one, "args": '[{"input":2},{"input":3}]', "keys": None}
            rows = await peer.result("run", call="create_jobs", params=several, listen=True)
            jobs = [row["o_job_id"] for row in rows]
            heard = [await peer.read() for _ in jobs]
            assert heard == [
                {
                    "method": "notified",
                    "params": {"channel": f"job:{job}:finished", "output": {"output": n}},
                }
                for job, n in zip(jobs, (5, 6), strict=True)
            ]
            many = {"jobs": [*jobs, 10**9], "impersonate": None}
            rows = await peer.result("run", call="get_job_statuses", params=many, listen=True)
            assert sorted((row["o_job_id"], row["o_output"]["output"]) for row in rows) == [
                (jobs[0], 5),
                (jobs[1], 6),
            ]

    asyncio.run(run())


def test_an_end_whose_outputs_are_too_long_is_told_without_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "ROOM", 10)

    async def run() -> None:
        async with (
            town(place) as api,
            serving(adder(place.dsn)),
            wire(api, "theCustomer") as peer,
        ):
            one = {**ORDER, "args": '{"input":1}'}
            (row,) = await peer.result("run", call="create_job", params=one, listen=True)
            told = {"channel": f"job:{row['o_job_id']}:finished"}
            assert await peer.read() == {"method": "notified", "params": told}

    asyncio.run(run())


def test_a_client_that_waits_for_many_jobs_one_after_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API keeps nothing of those that are over."""
    monkeypatch.setattr(remote, "WAITED_FOR", 5)

    async def run() -> list[int]:
        async with town(place) as api, serving(adder(address_of(api))), async_client(api) as jc:
            for n in range(12):
                assert await jc.call("calltest", {"input": n}, SECONDS) == {"output": n + 3}
            return [
                len(session.on_close) for session in api.sessions if session.who == "theCustomer"
            ]

    assert asyncio.run(run()) == [0]
