"""Durations mean the same to the compiler and to Postgres, and a wrong one in `config:` breaks nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jcc.frontend.durations import is_duration, is_interval
from jobcenter.database import Connection
from jobcenter.deploy import DeployError, deploy
from tests.artifacts import ADD
from tests.runtime.database.conftest import ReadyJob, one

_ITEMS = "1 2 1.5 .5 -3 999999999999 2:03 -2:03 1:2:3 2:03:04.5 1-2 -1-2 P1D PT1H @ ago , 1. e +"
_UNITS = "day d hour h min m mon s sec ms us usecs years y week w dec c cent mil millennia"
_TEXTS = st.lists(
    st.tuples(
        st.sampled_from([*_ITEMS.split(), *_UNITS.split()]), st.sampled_from(["", " ", ", "])
    ),
    min_size=1,
    max_size=6,
).map(lambda parts: "".join(item + between for item, between in parts))


GOOD = """
1|1.5|1 day 2|1-2|1 2:03|1 usecs|2:03:04.5|1d2h|1 day -2 hours|-1 day 2 hours ago|P1M-29D|@ 1 year 2 mons -3 days|P1Y2M3DT4H5M6.5S|1 decade 2 cent|1-2 3 4:05:06
"""
BAD = """
soon|1e2|1 2|1 day and 2 hours|1 day 1 day|1 h 2:03|2:63|p1d|-P1D|P|3000000000 days|1 minut|1\xa0day|2 ago|0x10|1.days
"""
BELOW_0 = """
-1|-1 day|1 day, 2 hours ago|-0:01|1 day -25:03|1-2 -500 days|-1-2|P-1D|P1DT-25H|PT1M-61S|-2 days 3 hours|1 mon -31 days
"""


@pytest.mark.parametrize("text", GOOD.strip().split("|"))
def test_an_interval(connection: Connection, text: str) -> None:
    assert is_interval(text)
    assert one(connection, "select %s::text::interval is not null", text) == (True,)


@pytest.mark.parametrize("text", BAD.strip().split("|"))
def test_no_interval(connection: Connection, text: str) -> None:
    assert not is_interval(text)
    if not is_duration(text):
        assert one(connection, "select jobcenter.seconds_or_interval(%s)", text) == (None,)


@pytest.mark.parametrize("text", BELOW_0.strip().split("|"))
def test_what_is_below_0_is_an_interval_for_postgres_alone(
    connection: Connection, text: str
) -> None:
    assert not is_interval(text)
    assert not is_duration(text)
    assert one(connection, "select %s::text::interval < interval '0'", text) == (True,)
    assert one(connection, "select jobcenter.seconds_or_interval(%s)", text) == (None,)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXTS)
def test_what_the_compiler_accepts_ends_at_some_time(connection: Connection, text: str) -> None:
    if is_interval(text):
        assert one(connection, "select now() + %s::text::interval is not null", text) == (True,)
    if is_duration(text):
        assert one(connection, "select jobcenter.seconds_or_interval(%s) is not null", text) == (
            True,
        )


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"timeout": "soon"}, '"timeout" in its config: "soon" is no interval'),
        ({"timeout": "-1 day"}, '"timeout" in its config: "-1 day" is below 0'),
        ({"timeout": -5}, '"-5" is below 0'),
        ({"retry": {"tries": 2, "interval": "often"}}, '"retry" in its config: "often"'),
        ({"retry": {"tries": 2, "interval": "1 day ago"}}, '"1 day ago" is below 0'),
        ({"archive": "300000 years"}, '"archive" in its config: "300000 years"'),
    ],
)
def test_a_wrong_one_is_not_deployed(
    connection: Connection, config: dict[str, Any], part: str
) -> None:
    with pytest.raises(DeployError, match=part):
        deploy(connection, [dataclasses.replace(ADD, config=config)])


def test_a_wrong_one_in_the_database_counts_as_none(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    job_id = ready_job()
    calltest.execute(
        "update jobcenter.actions set config = '{\"timeout\": \"soon\"}' where name = 'add'"
    )
    (found,) = calltest.execute("select o_job_id from jobcenter.get_tasks('w', 'add', 9)")
    assert found == (job_id,)


def test_a_wrong_pause_is_a_minute_and_a_long_one_ends(connection: Connection) -> None:
    policy = '{"tries": -1, "interval": "often"}'
    assert one(connection, "select jobcenter.retry_delay(%s, 1)::text", policy) == ("00:01:00",)
    policy = '{"tries": -1, "interval": "250000 years"}'
    assert one(connection, "select now() + jobcenter.retry_delay(%s, 9) is not null", policy) == (
        True,
    )


def test_what_would_end_behind_the_year_9999_ends_with_it(connection: Connection) -> None:
    for far in ("9000 years", "200000 years"):
        end = "select now() + jobcenter.seconds_or_interval(%s) = timestamptz '9999-12-31'"
        assert one(connection, end, far) == (True,)
    assert one(connection, "select jobcenter.seconds_or_interval('7000 years')::text") == (
        "7000 years",
    )
