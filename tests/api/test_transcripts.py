"""Sessions that were seen between the predecessor's server and its clients, said again to ours.

A transcript has a frame a line, `<` from the server and `>` from the client. What must differ is bound where it is first seen, and the
same from then on: numbers of jobs, cookies, the texts that stand for a job, ids of the server's own calls.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jobcenter import AsyncClient
from jobcenter.api.server import Api
from jobcenter.api.session import Patience
from tests.api.conftest import HERE, SECONDS, Place, Wire, adders, town, wire

COOKIE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPAQUE = re.compile(r"JobCenter::.*")

Frame = dict[str, Any]


def transcript(name: str) -> list[tuple[bool, Frame]]:
    """(from the client, frame) of each line."""
    lines = (HERE / "transcripts" / f"{name}.txt").read_text().splitlines()
    return [(line[0] == ">", json.loads(line[2:])) for line in lines if line[0] != "#"]


@dataclass(slots=True)
class Bindings:
    """What the transcript calls by one name and we by another."""

    ours: dict[object, object] = field(default_factory=dict)

    def matches(self, expected: object, actual: object, free: bool = False) -> bool:
        """`free`: this place holds a name."""
        if free or (isinstance(expected, str) and COOKIE.fullmatch(expected)):
            return (
                type(expected) is type(actual) and self.ours.setdefault(expected, actual) == actual
            )
        match expected, actual:
            case dict(), dict():
                return expected.keys() == actual.keys() and all(
                    self.matches(value, actual[key], key == "job_id" or _is_ping(expected, key))
                    for key, value in expected.items()
                )
            case [int(), *_], list() if not isinstance(expected[0], bool):
                return len(expected) == len(actual) and all(
                    self.matches(e, a, place == 0)
                    for place, (e, a) in enumerate(zip(expected, actual, strict=True))
                )
            case list(), list():
                return len(expected) == len(actual) and all(map(self.matches, expected, actual))
            case str(), str() if expected.isdigit() and int(expected) in self.ours:
                return actual == str(self.ours[int(expected)])
            case _:
                return type(expected) is type(actual) and expected == actual

    def translated(self, frame: Any) -> Any:
        if isinstance(frame, dict):
            return {key: self.translated(value) for key, value in frame.items()}
        if isinstance(frame, list):
            return [self.translated(value) for value in frame]
        return frame if isinstance(frame, bool) else self.ours.get(frame, frame)


def _is_ping(frame: Frame, key: str) -> bool:
    return key == "id" and frame.get("method") == "ping"


Prepare = Callable[[Frame], Awaitable[None]]


async def nothing(frame: Frame) -> None:
    """Before most frames nothing has to be done."""


async def replay(wire: Wire, name: str, bindings: Bindings, prepare: Prepare = nothing) -> None:
    """Says the client's side, and compares ours frame by frame. `prepare` makes happen what the server will tell of."""
    frames = iter(transcript(name))
    assert next(frames)[1]["method"] == "greetings"  # which `wire` has seen
    for from_client, frame in frames:
        if from_client:
            wire.send(bindings.translated(frame))
            continue
        await prepare(frame)
        actual = await (next_ping(wire) if frame.get("method") == "ping" else wire.read())
        assert actual is not None, f"the connection was closed where {frame} was expected"
        assert bindings.matches(frame, actual), f"expected {frame}, got {actual}"


async def next_ping(wire: Wire) -> Frame | None:
    if wire.pings:
        return wire.pings.pop(0)
    return await wire.read_any()


def test_a_client_session(place: Place) -> None:
    async def session() -> None:
        async with town(place) as api, adders(place.dsn), wire(api) as connection:
            await replay(connection, "client", Bindings())

    asyncio.run(session())


def test_a_client_that_asks_three_times_at_once(place: Place) -> None:
    async def session() -> None:
        async with town(place) as api, adders(place.dsn, slots=1), wire(api) as connection:
            await replay(connection, "client_at_once", Bindings())

    asyncio.run(session())


def inputs_of(frames: list[tuple[bool, Frame]]) -> Iterator[tuple[int, Frame]]:
    """The jobs of a worker's transcript, and the inputs that it was given for each."""
    for _, frame in frames:
        task = frame.get("result")
        if isinstance(task, list) and len(task) == 4:
            yield task[0], task[2]


async def create(client: AsyncClient, inputs: Frame) -> int:
    if "counter" in inputs:
        return (await client.create_job("calltest", {"input": inputs["counter"]})).id
    return (await client.create_job("callleftpad", inputs)).id


async def settled(api: Api) -> None:
    """Returns when the worker has had the time that it gets to read the answer to its last announcement."""
    while not all(lane.settled for peer in api.sessions for lane in peer.desk.lanes.values()):
        await asyncio.sleep(0.01)


async def outcomes(client: AsyncClient, jobs: list[int]) -> list[Frame]:
    return [await client.result(job, timeout=SECONDS) for job in jobs]


def test_a_worker_session(place: Place) -> None:
    """Each job is created when the worker is about to be told of it."""

    async def session() -> list[Frame]:
        bindings, wanted = Bindings(), dict(inputs_of(transcript("worker")))
        async with (
            town(place, Patience(ping=0.5)) as api,
            wire(api) as connection,
            AsyncClient(place.dsn) as client,
        ):

            async def prepare(frame: Frame) -> None:
                if frame.get("method") == "task_ready":
                    await settled(api)
                    job = frame["params"]["job_id"]
                    bindings.ours[job] = await create(client, wanted[job])

            await replay(connection, "worker", bindings, prepare)
            return await outcomes(client, [int(str(bindings.ours[job])) for job in wanted])

    assert asyncio.run(session()) == [
        {"output": 15}, {"output": 16}, {"output": 17}, {"output": 4}, {"string": "äää€😀"}, {"output": 4},
    ]  # fmt: skip


def test_a_worker_with_one_slot_for_three_jobs(place: Place) -> None:
    """The jobs are there at once; the worker is told of the next one when it has answered the one before."""

    async def session() -> tuple[list[Frame], Bindings]:
        bindings, wanted = Bindings(), dict(inputs_of(transcript("one_slot")))
        async with town(place) as api, wire(api) as connection, AsyncClient(place.dsn) as client:

            async def prepare(frame: Frame) -> None:
                if frame.get("method") == "task_ready" and 83 not in bindings.ours:
                    await settled(api)
                    made = [{"input": inputs["counter"]} for inputs in wanted.values()]
                    jobs = await client.create_jobs("calltest", made)
                    bindings.ours |= {job: ours.id for job, ours in zip(wanted, jobs, strict=True)}

            await replay(connection, "one_slot", bindings, prepare)
            jobs = [int(str(bindings.ours[job])) for job in wanted]
            return await outcomes(client, jobs), bindings

    results, bindings = asyncio.run(session())
    assert results == [{"output": 4}, {"output": 5}, {"output": 6}]
    hints = [ours for theirs, ours in bindings.ours.items() if OPAQUE.match(str(theirs))]
    assert len(set(hints)) == 2
    assert all(isinstance(hint, str) and not hint.isdigit() for hint in hints)


def test_every_transcript_is_replayed() -> None:
    files = {file.stem for file in (HERE / "transcripts").iterdir()}
    assert files == {"client", "client_at_once", "worker", "one_slot"}


def test_the_comparison_sees_a_difference() -> None:
    frame = {"method": "job_done", "params": {"job_id": 75, "outargs": {"output": 15}}}
    bindings = Bindings()
    assert bindings.matches(frame, {**frame, "params": {"job_id": 3, "outargs": {"output": 15}}})
    assert not bindings.matches(frame, frame)  # 75 is 3 from now on
    assert not Bindings().matches(frame, {**frame, "params": {"job_id": 3, "outargs": {}}})
    assert not Bindings().matches({"result": ["79"]}, {"result": [79]})
