"""Events for jobs whose rows somebody else has: nobody waits for a row, and nobody's event is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.database import Connection
from tests.runtime.database.conftest import one
from tests.runtime.database.test_events import raise_event, subscribe

Open = Callable[[], Connection]
STATE = "select state::text, out_args -> 'event' ->> 'name' from jobcenter.jobs where job_id = %s"
KEPT = "select count(*) from jobcenter.queued_events"
LEFT = "select count(*) from jobcenter.events_left"


@pytest.fixture
def another(database: str) -> Iterator[Open]:
    """Gives connections with a transaction each: as two Maestros have them."""
    with ExitStack() as stack:

        def connect() -> Connection:
            connection = stack.enter_context(psycopg.connect(database))
            connection.execute("set lock_timeout = '10s'")
            connection.commit()
            return connection

        yield connect


def hold(connection: Connection, job: int) -> None:
    """As a Maestro has the rows of its batch."""
    connection.execute("select from jobcenter.jobs where job_id = %s for update", (job,))


def wait(connection: Connection, job: int, name: str) -> Any:
    """What a Maestro does where a job begins to wait; gives the event that was kept for it, or None."""
    waits = Jsonb([{"job": job, "names": [name], "forever": True}])
    (answers,) = one(connection, "select jobcenter.take_events(%s::json)", waits)
    if str(job) in answers:
        return answers[str(job)]["event"]["data"]
    connection.execute("update jobcenter.jobs set state = 'eventwait', in_args = %s where job_id = %s", (Jsonb({"events": [name]}), job))  # fmt: skip
    return None


def look(connection: Connection) -> int:
    """A Maestro's look at timers."""
    return int(one(connection, "select woken from jobcenter.wake_due(1000)")[0])


def test_two_that_raise_events_for_each_others_jobs(calltest: Connection, another: Open) -> None:
    first, second = (subscribe(calltest, "e", {"to": name}, waits=True) for name in "ab")
    here, there = another(), another()
    hold(here, first)
    hold(there, second)
    assert raise_event(here, {"to": "b"}) == 1
    assert raise_event(there, {"to": "a"}) == 1
    assert look(calltest) == 0
    here.commit()
    there.commit()
    assert look(calltest) == 2
    assert [one(calltest, STATE, job) for job in (first, second)] == [("done", "e")] * 2
    assert one(calltest, KEPT) == one(calltest, LEFT) == (0,)


def test_one_that_begins_to_wait_at_that_moment(calltest: Connection, another: Open) -> None:
    job = subscribe(calltest, "e", {"k": 1})
    owner, raiser = another(), another()
    hold(owner, job)
    assert wait(owner, job, "e") is None
    assert raise_event(raiser, {"k": 1}) == 1
    raiser.commit()
    assert look(calltest) == 0
    due = one(calltest, "select due from jobcenter.wake_due(1000)")
    assert due == (0,)
    owner.commit()
    assert look(calltest) == 1
    assert one(calltest, STATE, job) == ("done", "e")


def test_who_looks_before_the_maestro_has_it(calltest: Connection, another: Open) -> None:
    job = subscribe(calltest, "e", {"k": 1})
    owner, raiser = another(), another()
    hold(owner, job)
    raise_event(raiser, {"k": 1})
    raiser.commit()
    assert wait(owner, job, "e") == {"k": 1}
    owner.commit()
    assert look(calltest) == 0
    assert one(calltest, KEPT) == one(calltest, LEFT) == (0,)


def test_the_one_that_was_left_comes_first(calltest: Connection, another: Open) -> None:
    job = subscribe(calltest, "e", {"k": 1}, waits=True)
    owner = another()
    hold(owner, job)
    raise_event(calltest, {"k": 1, "n": 1})
    owner.commit()
    raise_event(calltest, {"k": 1, "n": 2})
    query = "select out_args -> 'event' -> 'data' -> 'n' from jobcenter.jobs where job_id = %s"
    assert one(calltest, query, job) == (1,)
    kept = "select q.data -> 'n' from jobcenter.job_events join jobcenter.queued_events q using (event_id)"
    assert one(calltest, kept) == (2,)


@pytest.mark.parametrize("gone", ["unsubscribed", "archived"])
def test_who_does_not_want_it_any_more(calltest: Connection, another: Open, gone: str) -> None:
    job = subscribe(calltest, "e", {"k": 1})
    owner = another()
    hold(owner, job)
    raise_event(calltest, {"k": 1})
    owner.execute("delete from jobcenter.event_subscriptions")
    if gone == "archived":
        owner.execute("delete from jobcenter.jobs")
    owner.commit()
    assert look(calltest) == 0
    look(calltest)  # once more for the event that nobody has
    assert one(calltest, KEPT) == one(calltest, LEFT) == (0,)


def test_who_unsubscribes_while_it_is_raised(calltest: Connection, another: Open) -> None:
    """Between the look at who has subscribed and the note that it was left for one of them."""
    job = subscribe(calltest, "e", {"k": 1})
    calltest.execute(
        "create function public.unsubscribe() returns trigger language plpgsql as"
        " $$ begin delete from jobcenter.event_subscriptions; return new; end $$;"
        " create trigger unsubscribe before insert on jobcenter.queued_events"
        " for each row execute function public.unsubscribe()"
    )
    owner = another()
    hold(owner, job)
    raise_event(calltest, {"k": 1})
    assert one(calltest, KEPT) == one(calltest, LEFT) == (0,)


@pytest.mark.parametrize("state", ["childwait", "lockwait"])
def test_maestros_wait_for_the_rows_of_some(
    calltest: Connection, another: Open, state: str
) -> None:
    """So nobody who raises an event has such a row for longer than a look at timers."""
    job = subscribe(calltest, "e", {"k": 1})
    calltest.execute("update jobcenter.jobs set state = %s", (state,))
    raiser = another()
    assert raise_event(raiser, {"k": 1}) == 1
    calltest.execute("select from jobcenter.jobs where job_id = %s for update nowait", (job,))
    raiser.commit()
    look(calltest)
    assert one(calltest, "select count(*) from jobcenter.job_events") == (1,)


def test_two_that_drop_an_event_at_the_same_time(calltest: Connection, another: Open) -> None:
    jobs = [subscribe(calltest, "e", {"k": 1}) for _ in range(2)]
    assert raise_event(calltest, {"k": 1}) == 2
    owners = another(), another()
    for owner, job in zip(owners, jobs, strict=True):
        hold(owner, job)
        assert wait(owner, job, "e") == {"k": 1}
    for owner in owners:
        owner.commit()
    look(calltest)
    assert one(calltest, KEPT) == one(calltest, LEFT) == (0,)
