"""The wire: statements in flight, what it hears meanwhile, and what becomes of both when something goes wrong."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import uvloop

from jobcenter.database import Connection, connect_async
from jobcenter.link import _positional
from jobcenter.wire import SyncWire, Wire

Heard = list[tuple[str, str]]


def perform(database: str, work: Callable[[Wire, Heard], Awaitable[None]]) -> None:
    async def run() -> None:
        heard: Heard = []
        connection = await connect_async(database)
        async with Wire(connection, lambda *what: heard.append(what)) as wire:
            await asyncio.wait_for(work(wire, heard), 30)
        assert connection.closed

    asyncio.run(run())


def test_the_rows_of_each_statement_come_in_their_order_with_their_types(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        for _ in range(2):  # the second time they are prepared
            assert await wire.ask(
                ("select $1::text as a, $2::bigint as b", ("ö", 7)),
                ("create temporary table if not exists t (x jsonb)", ()),
                ("insert into t values ($1) returning x", ('{"y": [1, null]}',)),
                ("select x from generate_series(1, $1::integer) x", (3,)),
                ("select $1::bigint[] as c, $2::bytea as d, null as e", ([1, 2], b"\\\0")),
            ) == [
                [{"a": "ö", "b": 7}],
                [],
                [{"x": {"y": [1, None]}}],
                [{"x": 1}, {"x": 2}, {"x": 3}],
                [{"c": [1, 2], "d": b"\\\0", "e": None}],
            ]

    perform(database, work)


def test_after_an_error_nothing_of_the_flight_is_done_and_the_next_one_is(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        await wire.ask(("create temporary table t (x integer primary key)", ()))
        with pytest.raises(psycopg.errors.UniqueViolation):
            await wire.ask(
                ("insert into t values (1)", ()),
                ("insert into t values (1)", ()),
                ("insert into t values (2)", ()),
            )
        with pytest.raises(psycopg.errors.SyntaxError):
            await wire.ask(("no such statement", ()))
        assert await wire.ask(("select count(*) from t", ())) == [[{"count": 0}]]

    perform(database, work)


def test_a_value_that_python_has_not_is_an_error_of_who_asked_for_it(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        with pytest.raises(psycopg.DataError):
            await wire.ask(("select 'infinity'::date as day", ()))
        assert await wire.ask(("select 1 as one", ())) == [[{"one": 1}]]

    perform(database, work)


def test_many_ask_at_once_and_who_gives_up_does_not_disturb_the_others(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        slow = asyncio.create_task(wire.ask(("select pg_sleep($1)", (0.2,))))
        asked = [
            asyncio.create_task(wire.ask(("select $1::integer as n", (n,)))) for n in range(50)
        ]
        await asyncio.sleep(0.05)
        slow.cancel()
        asked[7].cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(answers.pop(7), asyncio.CancelledError)
        assert answers == [[[{"n": n}]] for n in range(50) if n != 7]

    perform(database, work)


def test_more_than_a_socket_holds_goes_through_both_ways(database: str) -> None:
    text = "x" * 5_000_000

    async def work(wire: Wire, heard: Heard) -> None:
        answers = await asyncio.gather(
            *(wire.ask(("select $1::text as text", (text,))) for _ in range(3))
        )
        assert answers == [[[{"text": text}]]] * 3

    perform(database, work)


def test_it_hears_while_it_waits_and_while_it_asks(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        await wire.ask(("listen here", ()))
        async with await connect_async(database) as other:
            await other.execute("select pg_notify('here', 'one')")
            while not heard:
                await asyncio.sleep(0.01)
            asking = asyncio.create_task(wire.ask(("select pg_sleep(0.1)", ())))
            await other.execute("select pg_notify('here', 'two')")
            await asking
            while len(heard) < 2:
                await asyncio.sleep(0.01)
        assert heard == [("here", "one"), ("here", "two")]

    perform(database, work)


def test_a_connection_that_breaks_is_told_to_who_asks_and_to_who_hears(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        ((row,),) = await wire.ask(("select pg_backend_pid() as pid", ()))
        asking = asyncio.create_task(wire.ask(("select pg_sleep(60)", ())))
        await asyncio.sleep(0.05)
        async with await connect_async(database) as other:
            await other.execute("select pg_terminate_backend(%s)", [row["pid"]])
        with pytest.raises(psycopg.OperationalError):
            await asking
        while not wire.closed:
            await asyncio.sleep(0.01)
        assert heard == [("", "")]
        with pytest.raises(psycopg.OperationalError):
            await wire.ask(("select 1", ()))

    perform(database, work)


def test_one_that_breaks_while_nobody_asks_is_told_too(database: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        ((row,),) = await wire.ask(("select pg_backend_pid() as pid", ()))
        async with await connect_async(database) as other:
            await other.execute("select pg_terminate_backend(%s)", [row["pid"]])
        while not heard:
            await asyncio.sleep(0.01)
        assert wire.closed

    perform(database, work)


GREETING = b"R\0\0\0\x08\0\0\0\0S\0\0\0\x19client_encoding\0UTF8\0Z\0\0\0\x05I"
LAST_WORD = b"N\0\0\0\x05\0"  # a notice


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_socket_that_is_reset_behind_a_last_word_is_told(
    tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """A server that is stopped at once says why, and closes with the question unread. uvloop calls a reader once for that, and never again."""
    asked = threading.Event()

    def serve(server: socket.socket) -> None:
        client, _ = server.accept()
        client.recv(1 << 16)
        client.sendall(GREETING)
        assert asked.wait(30)
        client.sendall(LAST_WORD)
        client.close()

    async def run() -> None:
        connection = await psycopg.AsyncConnection.connect(
            f"host={tmp_path} user=u gssencmode=disable", autocommit=True
        )
        async with Wire(connection) as wire:
            asking = asyncio.create_task(wire.ask(("select 1", ())))
            await asyncio.sleep(0.05)
            asked.set()
            with pytest.raises(psycopg.OperationalError):
                await asyncio.wait_for(asking, 30)

    with socket.socket(socket.AF_UNIX) as server, ThreadPoolExecutor() as pool:
        server.bind(str(tmp_path / ".s.PGSQL.5432"))
        server.listen()
        serving = pool.submit(serve, server)
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(run())
        serving.result()


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_a_text_that_cannot_be_sent_is_refused_before_anything_is(database: str, text: str) -> None:
    async def work(wire: Wire, heard: Heard) -> None:
        with pytest.raises((UnicodeEncodeError, psycopg.DataError)):
            await wire.ask(("select 1", ()), ("select $1::text", (text,)))
        assert await wire.ask(("select 1 as one", ())) == [[{"one": 1}]]

    perform(database, work)


def test_parameters_by_name_become_numbers() -> None:
    assert _positional("select %(b)s, %(a)s::jsonb, 5 %% 3, %(b)s") == (
        "select $1, $2::jsonb, 5 % 3, $1",
        ["b", "a"],
    )


def test_the_wire_of_one_thread(connection: Connection) -> None:
    """Its connection is used for other things too; an error, also of preparing, spoils neither."""
    wire = SyncWire(connection)
    for number in range(3):
        assert wire.ask("select $1::int + 1 as more, $2::jsonb as told", [number, '{"a": []}']) == [
            {"more": number + 1, "told": {"a": []}}
        ]
        assert connection.execute("select 'between'").fetchone() == ("between",)
        with pytest.raises(psycopg.errors.DivisionByZero):
            wire.ask("select 1 / $1::int", [0])
        with pytest.raises(psycopg.errors.UndefinedColumn):
            wire.ask("select nothing", [])
    with pytest.raises(UnicodeEncodeError):
        wire.ask("select $1::text", ["\ud800"])
    assert wire.ask("select 1 where $1", [False]) == []


def test_threads_that_share_a_wire_get_their_own_answers(connection: Connection) -> None:
    wire = SyncWire(connection)

    def ask(number: int) -> list[object]:
        kind = number % 3  # statements that are prepared at the same time, too
        sql = f"select $1::int * 10 + {kind} as told"
        return [wire.ask(sql, [number])[0]["told"] for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert told == [[number * 10 + number % 3] * 50 for number in range(8)]
