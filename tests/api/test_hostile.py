"""Peers that are broken, slow, silent or malicious: each is told why it has to go, and the others do not notice."""

from __future__ import annotations

import asyncio
import json
import socket
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobcenter.api import netstring, rpc, session
from jobcenter.api.netstring import Decoder, FrameError, encode
from jobcenter.api.server import Api
from jobcenter.api.session import Patience
from tests.api.conftest import PASSWORDS, SECONDS, Place, Wire, town, wire

REFUSED = -32600
NOT_JSON = -32700

FRAMES = {
    "too long": (b"1000000:", REFUSED, "the length of a netstring is at most 999999"),
    "endless digits": (b"1" * 100, REFUSED, "the length of a netstring is at most 999999"),
    "no comma": (b"2:{}x", REFUSED, "a netstring must end in a comma"),
    "no length": (b":{},", REFUSED, "must begin with its length"),
    "zeros before": (b"002:{},", REFUSED, "must begin with its length"),
    "negative": (b"-2:{},", REFUSED, "must begin with its length in digits"),
    "http": (b"GET / HTTP/1.1\r\n\r\n", REFUSED, "must begin with its length in digits"),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00", REFUSED, "must begin with its length in digits"),
    "not json": (encode(b"not json"), NOT_JSON, "json decode failed"),
    "empty": (encode(b""), NOT_JSON, "json decode failed"),
    "not utf-8": (encode(b'{"jsonrpc":"2.0","id":"\xff"}'), NOT_JSON, "can't decode byte"),
    "utf-16": (encode('{"jsonrpc":"2.0"}'.encode("utf-16")), NOT_JSON, "json decode failed"),
    "nan": (encode(b'{"jsonrpc":"2.0","id":NaN}'), NOT_JSON, "NaN is not JSON"),
    "deep": (encode(b"[" * 400_000), NOT_JSON, "nested too deeply"),
    "deep objects": (encode(b'{"a":' * 100_000), NOT_JSON, "nested too deeply"),
    "long number": (encode(b"9" * 400_000), NOT_JSON, "json decode failed"),
    "batch": (encode(b"[]"), REFUSED, "not a json object"),
    "no version": (encode(b'{"id":1,"method":"ping"}'), REFUSED, "expected jsonrpc version 2.0"),
    "object as id": (encode(b'{"jsonrpc":"2.0","id":{}}'), REFUSED, "id is not a string or number"),
    "nothing said": (encode(b'{"jsonrpc":"2.0","id":1}'), REFUSED, "neither a method"),
    "method is a number": (encode(b'{"jsonrpc":"2.0","method":1}'), REFUSED, "neither a method"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_that_is_none_gets_an_error_and_the_end(place: Place, name: str) -> None:
    frame, code, message = FRAMES[name]

    async def run() -> None:
        async with Api(place.dsn, place.config) as api, wire(api, "theCustomer") as good:
            async with wire(api, "theCustomer") as bad:
                bad.send_bytes(frame)
                answer = await bad.read()
                assert answer is not None
                assert answer["id"] is None
                assert answer["error"]["code"] == code
                assert message in answer["error"]["message"]
                assert await bad.read() is None
            assert await good.call("ping") == {"result": "pong?"}

    asyncio.run(run())


def test_what_came_before_the_broken_frame_is_answered(place: Place) -> None:
    async def run() -> None:
        async with Api(place.dsn, place.config) as api, wire(api) as peer:
            ping = encode(b'{"jsonrpc":"2.0","method":"ping","params":{},"id":1}')
            peer.send_bytes(ping + ping + b"x")
            assert [(await peer.read() or {}).get("result") for _ in range(2)] == ["pong?"] * 2
            assert (await peer.read() or {})["error"]["code"] == REFUSED
            assert await peer.read() is None

    asyncio.run(run())


def test_who_has_not_said_hello_may_not_say_much(place: Place) -> None:
    async def run() -> None:
        async with Api(place.dsn, place.config, Patience(login=0.5)) as api:
            async with wire(api) as long:
                long.send_bytes(b"65537:")
                assert "at most 65536" in (await long.read() or {})["error"]["message"]
                assert await long.read() is None
            async with wire(api) as late:
                assert "say hello first" in (await late.read() or {})["error"]["message"]
                assert await late.read() is None
            async with wire(api, "theCustomer") as known:
                await asyncio.sleep(0.6)
                filler = "x" * (netstring.LIMIT - 200)
                assert await known.call("ping", filler=filler) == {"result": "pong?"}

    asyncio.run(run())


async def pour(wire: Wire, frame: bytes) -> None:
    """100 MB of frames; nothing is read."""
    for _ in range(100_000_000 // len(frame)):
        wire.send_bytes(frame)
        await asyncio.wait_for(wire.writer.drain(), SECONDS)


def test_a_peer_that_does_not_read_loses_its_connection(place: Place) -> None:
    """It asks for more and more, and its own words are what fills the buffers."""

    async def run() -> None:
        async with Api(place.dsn, place.config, Patience(reading=0.5)) as api:
            async with wire(api, "theCustomer", receive_buffer=4096) as slow:
                call = {
                    "jsonrpc": "2.0",
                    "method": "get_job_status",
                    "params": {"job_id": "9" * 18},
                }
                frame = encode(json.dumps({**call, "id": "i" * 100_000}).encode())
                with pytest.raises(ConnectionError):
                    await pour(slow, frame)
            async with wire(api, "theCustomer") as good:
                assert await good.call("ping") == {"result": "pong?"}

    asyncio.run(run())


def test_memory_stays_bounded_for_who_does_not_read_what_he_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notifications are not asked for one by one: there, how much may lie is limited."""
    monkeypatch.setattr(session, "MOST", 1_000_000)

    async def run() -> None:
        async with Api(place.dsn, place.config) as api, wire(api, "theCustomer", 4096):
            (peer,) = api.sessions
            tracemalloc.start()
            for _ in range(20_000):
                peer.notify("job_done", {"job_id": 1, "outargs": {"text": "x" * 1000}})
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peer.is_closing
            # 20 MB were said.
            assert most < 5_000_000

    asyncio.run(run())


def test_a_worker_that_does_not_answer_pings_is_disconnected(place: Place) -> None:
    async def run() -> None:
        patience = Patience(ping=0.2, pong=0.2)
        async with (
            Api(place.dsn, place.config, patience) as api,
            wire(api, "theEmployee") as dead,
            wire(api, "theEmployee") as alive,
        ):
            assert await dead.result("announce", actionname="add", workername="dead") == [
                True,
                "success",
            ]
            await alive.result("announce", actionname="add", workername="alive")
            for _ in range(5):
                ping = await alive.read_any()
                assert ping is not None
                assert (ping["method"], ping["params"]) == ("ping", {})
                alive.send({"id": ping["id"], "result": "pong!"})
            while await dead.read_any() is not None:
                pass
            assert await alive.call("ping") == {"result": "pong?"}
            names = {peer.workername for peer in api.sessions if peer.desk.is_worker}
            assert names == {"alive"}

    asyncio.run(run())


def test_a_thousand_half_open_connections_do_not_matter(place: Place) -> None:
    async def run() -> None:
        async with town(place.with_config(most_peers=1010)) as api:
            socks = []
            for _ in range(1000):
                sock = socket.socket()
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, api.addresses[0])
                socks.append(sock)
            async with wire(api, "theCustomer") as good:
                result = await good.result("create_job", wfname="sleeptest", inargs={"in": "x"})
                assert result[1] is None
            for sock in socks:
                sock.close()

    asyncio.run(run())


def test_there_is_an_end_to_the_number_of_peers(place: Place) -> None:
    async def run() -> None:
        one = place.with_config(most_peers=1).config
        async with Api(place.dsn, one) as api, wire(api, "theCustomer") as first:
            reader, writer = await asyncio.open_connection(*api.addresses[0])
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(1)
            writer.close()
            assert await first.call("ping") == {"result": "pong?"}

    asyncio.run(run())


def test_an_answer_that_is_too_long_is_told_so(place: Place) -> None:
    async def run() -> None:
        async with town(place) as api, wire(api, "theCustomer") as peer:
            text = "x" * 600_000
            job, _ = await peer.result(
                "create_job", wfname="raise_errortest", inargs={"in": text + text[:100]}
            )
            done = await peer.read()
            assert done is not None
            assert done["params"]["job_id"] == job
            answer = await peer.call("get_job_status", id_="i" * 900_000, job_id=job)
            assert answer == {
                "error": {"code": -32001, "message": "Method threw error: the answer is too long\n"}
            }

    asyncio.run(run())


def test_guesses_are_limited(place: Place) -> None:
    async def run() -> None:
        async with Api(place.dsn, place.config) as api:

            async def attempt(who: str, token: str) -> object:
                async with wire(api) as peer:
                    return await peer.result("hello", who=who, method="password", token=token)

            no = [False, "you're not welcome!"]
            tries = [attempt("theCustomer", f"guess {n}") for n in range(10)]
            assert await asyncio.gather(*tries) == [no] * 10
            # The right password does not help any more, from this address and for this name.
            assert await attempt("theCustomer", PASSWORDS["theCustomer"][0]) == no
            welcome = [True, "welcome to the clientapi theEmployee!"]
            assert await attempt("theEmployee", PASSWORDS["theEmployee"][0]) == welcome

    asyncio.run(run())


@given(st.lists(st.binary(max_size=300), max_size=8), st.data())
def test_netstrings_come_through_in_any_pieces(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(encode, payloads))
    decoder = Decoder()
    got: list[bytes] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += decoder.feed(stream[:cut])
        stream = stream[cut:]
    assert got == payloads


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_bytes_are_netstrings_or_an_error(received: bytes) -> None:
    try:
        payloads = list(Decoder(limit=100).feed(received))
    except FrameError:
        return
    assert all(len(payload) <= 100 for payload in payloads)
    assert received.startswith(b"".join(map(encode, payloads)))


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_any_payload_is_a_message_or_broken(payload: bytes) -> None:
    outcome: object
    try:
        outcome = rpc.parse(payload)
    except rpc.Broken as broken:
        outcome = broken.code
    assert isinstance(outcome, rpc.Request | rpc.Response) or outcome in (NOT_JSON, REFUSED)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(JSON_VALUES)
def test_frames_of_ours_are_understood(value: object) -> None:
    (payload,) = Decoder().feed(rpc.result("id", value))
    assert rpc.parse(payload) == rpc.Response("id", value, None)


def test_half_a_surrogate_pair_is_sent_as_an_escape() -> None:
    (payload,) = Decoder().feed(rpc.result("id", "€ \ud800"))
    assert b"\\ud800" in payload
    assert rpc.parse(payload) == rpc.Response("id", "€ \ud800", None)
