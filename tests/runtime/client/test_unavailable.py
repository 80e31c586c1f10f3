"""A database that answers but takes nothing for now: it is said so, nothing is lost, and all goes on when it does again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from jobcenter import AsyncClient, Client, Unavailable, Worker
from jobcenter.connections import CALM, Backoff
from jobcenter.errors import InvalidArguments, Refused, refusal
from tests.runtime.client.conftest import Puppet
from tests.runtime.client.test_worker import Outputs, jobs_of, outcomes, serving, until

TWICE = """
create sequence public.refused;
create function public.refuse() returns trigger language plpgsql as $$
begin
    if nextval('public.refused') <= 2 then
        raise exception 'could not extend file: No space left on device' using errcode = '53100';
    end if;
    return new;
end $$;
create trigger refuse before update on jobcenter.jobs for each row when (new.state = 'done') execute function public.refuse();
"""


@contextmanager
def read_only(dsn: str) -> Iterator[None]:
    """For new sessions; the old ones are ended."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        statement = sql.SQL("alter database {} set default_transaction_read_only = {}")
        connection.execute(statement.format(name, sql.SQL("on")))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        yield
        connection.execute(statement.format(name, sql.SQL("off")))


def test_a_client_of_a_database_that_only_reads(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        with read_only(database), pytest.raises(Unavailable, match="read-only transaction"):
            jc.create_job("calltest", {"input": 1}, key="k")
        assert jc.create_job("calltest", {"input": 1}).id > 0


def test_an_async_client_of_a_database_that_only_reads(database: str, puppet: Puppet) -> None:
    async def work() -> None:
        async with AsyncClient(database) as jc:
            with read_only(database), pytest.raises(Unavailable, match="read-only transaction"):
                await jc.create_job("calltest", {"input": 1}, key="k")
            assert (await jc.create_job("calltest", {"input": 1})).id > 0

    asyncio.run(work())


def test_an_answer_that_cannot_be_stored_for_now_is_sent_again(
    database: str, puppet: Puppet
) -> None:
    """It is not the answer that is wrong: its task does not fail."""
    worker = Worker("adder", database)

    @worker.action("add")
    def add(counter: float) -> Outputs:
        return {"counter": counter}

    jobs = jobs_of(database, [1, 2])
    puppet.begin()
    puppet.connection.execute(TWICE)

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 2)

    asyncio.run(work())
    assert outcomes(puppet, jobs) == [{"counter": 1}, {"counter": 2}]


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [("53100", Unavailable), ("25006", Unavailable), ("40P01", Unavailable), ("55P03", Unavailable), ("22023", InvalidArguments), ("XX000", Refused), (None, Refused)],
)  # fmt: skip
def test_what_may_succeed_later(sqlstate: str | None, kind: type[Refused]) -> None:
    assert type(refusal(sqlstate, "no")) is kind


def test_delays_grow_while_failures_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("jobcenter.connections.time.monotonic", lambda: now)
    backoff = Backoff()
    assert [backoff.next() for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    now += CALM + 1.5
    assert backoff.next() == 0.1


def test_an_outage_is_told_once_and_the_next_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("jobcenter.connections.time.monotonic", lambda: now)
    backoff = Backoff()

    def told(reason: str) -> bool:
        news = backoff.news(reason)
        backoff.next()
        return news

    reasons = ("gone", "gone", "starting up", "gone", "gone")
    assert [told(reason) for reason in reasons] == [True, False, True, True, False]
    now += CALM + 2
    assert told("gone")
