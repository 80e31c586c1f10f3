"""raise_event: which subscriptions an event reaches, who is woken and for whom it is kept."""

from __future__ import annotations

import json

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from jobcenter.database import Connection
from tests.runtime.database.conftest import one


def subscribe(
    connection: Connection, name: str, mask: dict[str, object], *, waits: bool = False
) -> int:
    """A job with a subscription, which waits for it or does something else."""
    (job_id,) = one(
        connection, "select o_job_id from jobcenter.create_job('calltest', '{\"input\": 1}')"
    )
    connection.execute(
        "insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key)"
        " values (%s, %s, %s, jobcenter.mask_key(%s))",
        (job_id, name, Jsonb(mask), Jsonb(mask)),
    )
    connection.execute(
        "update jobcenter.jobs set state = %s, in_args = %s where job_id = %s",
        ("eventwait" if waits else "sleeping", Jsonb({"events": [name]}), job_id),
    )
    return int(job_id)


def raise_event(connection: Connection, event: object) -> int:
    (reached,) = one(connection, "select jobcenter.raise_event(%s::text::jsonb)", json.dumps(event))
    return int(reached)


def test_wakes_who_waits(calltest: Connection) -> None:
    job_id = subscribe(calltest, "paid", {"order": 17}, waits=True)
    other = subscribe(calltest, "paid", {"order": 18}, waits=True)
    calltest.execute('listen "jobtaskdone"')
    assert raise_event(calltest, {"order": 17, "amount": 5}) == 1
    query = "select state::text, out_args -> 'event' from jobcenter.jobs where job_id = %s"
    state, event = one(calltest, query, job_id)
    assert state == "done"
    assert (event["name"], event["data"]) == ("paid", {"order": 17, "amount": 5})
    assert event.keys() == {"name", "data", "event_id", "when"}
    assert one(calltest, query, other)[0] == "eventwait"
    assert [told.payload for told in calltest.notifies(timeout=0.3)] == [""]
    assert one(calltest, "select count(*) from jobcenter.queued_events") == (0,)


def test_kept_for_who_does_not_wait(calltest: Connection) -> None:
    waiting = subscribe(calltest, "a", {"k": 1}, waits=True)
    busy = subscribe(calltest, "a", {"k": 1})
    assert raise_event(calltest, {"k": 1}) == 2
    assert raise_event(calltest, {"k": 1, "n": 2}) == 2
    kept = calltest.execute(
        "select s.job_id, q.data from jobcenter.job_events e"
        " join jobcenter.event_subscriptions s using (subscription_id)"
        " join jobcenter.queued_events q using (event_id) order by q.event_id, s.job_id"
    ).fetchall()
    assert kept == [(busy, {"k": 1}), (waiting, {"k": 1, "n": 2}), (busy, {"k": 1, "n": 2})]


def test_waits_for_another_event(calltest: Connection) -> None:
    job_id = subscribe(calltest, "a", {"k": 1}, waits=True)
    calltest.execute('update jobcenter.jobs set in_args = \'{"events": ["b"]}\'')
    assert raise_event(calltest, {"k": 1}) == 1
    query = "select state::text from jobcenter.jobs where job_id = %s"
    assert one(calltest, query, job_id) == ("eventwait",)


def test_one_event_wakes_a_job_once(calltest: Connection) -> None:
    job_id = subscribe(calltest, "a", {"k": 1}, waits=True)
    calltest.execute(
        "insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key)"
        " values (%s, 'b', '{}', jobcenter.mask_key('{}'))",
        (job_id,),
    )
    calltest.execute('update jobcenter.jobs set in_args = \'{"events": ["a", "b"]}\'')
    assert raise_event(calltest, {"k": 1}) == 2
    assert one(calltest, "select out_args -> 'event' ->> 'name' from jobcenter.jobs") == ("a",)
    assert one(calltest, "select count(*) from jobcenter.job_events") == (1,)


def test_nobody_is_interested(calltest: Connection) -> None:
    assert raise_event(calltest, {"k": 1}) == 0
    assert one(calltest, "select count(*) from jobcenter.queued_events") == (0,)


def test_must_be_an_object(calltest: Connection) -> None:
    with pytest.raises(psycopg.DatabaseError, match="the event has wrong type array"):
        raise_event(calltest, [1])


def test_many_with_something_in_common(calltest: Connection) -> None:
    """What all masks share is not the key under which they are filed."""
    calltest.execute(
        "do $$ begin for n in 1..200 loop insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key)"
        " select n, 'a', m, jobcenter.mask_key(m) from jsonb_build_object('kind', 'paid', 'order', n) m; end loop; end $$"
    )
    query = (
        "select count(*) from jobcenter.event_subscriptions"
        ' where mask_key = any (jobcenter.event_keys(\'{"kind": "paid", "order": 150}\'))'
    )
    assert one(calltest, query)[0] <= 2


SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, 1.5, 10]) | st.sampled_from("ab")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@given(OBJECTS, OBJECTS, st.booleans())
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_keys_find_all_that_match(
    connection: Connection, event: dict[str, object], mask: dict[str, object], part: bool
) -> None:
    if part:
        mask = {name: event[name] for name in mask if name in event}
    contained, filed = one(
        connection,
        "select %s @> %s, jobcenter.mask_key(%s) = any (jobcenter.event_keys(%s))",
        event,
        mask,
        mask,
        event,
    )
    assert filed or not contained
