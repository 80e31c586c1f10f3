"""Logs: their two forms, and what is not in them."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from jobcenter import SoftError
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.observe.logs import CONSOLE, JSON, DebugLog, configure
from tests.runtime.observe.conftest import call, town
from tests.runtime.workflows import ADD, calltest

SECRET = 4_711_000_815


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_has_a_line_for_each_and_its_fields(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", JSON)
    log = logging.getLogger("jobcenter.test")
    log.info("job %d ended\nwell", 9, extra={"job": 9, "workflow": "calltest", "seconds": 0.5})
    log.debug("not shown")
    (line,) = told(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "message": "job 9 ended\nwell", "level": "info", "logger": "jobcenter.test",
        "job": 9, "workflow": "calltest", "seconds": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("form", [JSON, CONSOLE])
def test_a_traceback_shows_no_values(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    configure("info", form)
    password = "hunter2 of the vault"
    try:
        raise ValueError(len(password))
    except ValueError:
        logging.getLogger("jobcenter.test").exception("it failed")
    shown = capsys.readouterr().err
    assert "ValueError: 20" in shown
    assert "raise ValueError(len(password))" in shown
    assert password not in shown
    if form == JSON:
        assert len(shown.splitlines()) == 1


def test_the_console_is_for_people(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure("warning", CONSOLE)
    logging.getLogger("jobcenter.test").warning("careful", extra={"job": 9})
    plain = capsys.readouterr().err
    assert "[warning  ] careful" in plain
    assert "job=9" in plain
    assert "\x1b" not in plain
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    configure("warning", CONSOLE)
    logging.getLogger("jobcenter.test").warning("careful")
    assert "\x1b[" in capsys.readouterr().err


def test_no_value_of_a_job_is_logged_at_info(
    database: str,
    connection: Connection,
    root: logging.Logger,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deploy(connection, [ADD, calltest()])
    tried: list[float] = []

    def add(counter: float, step: float) -> dict[str, float]:
        tried.append(counter)
        if len(tried) == 1:
            raise SoftError(f"not {counter} now")
        return {"counter": counter + step}

    async def work() -> None:
        async with town(database, DebugLog(), DebugLog(), add=add):
            await call(database, "calltest", {"input": SECRET})

    configure("info", JSON)
    asyncio.run(work())
    lines = told(capsys)
    assert any("worker hand" in line["message"] for line in lines)
    assert str(SECRET) not in json.dumps(lines)


def test_debug_tells_of_batches_and_tasks(
    database: str,
    connection: Connection,
    root: logging.Logger,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deploy(connection, [ADD, calltest()])

    async def work() -> None:
        async with town(
            database, DebugLog(), DebugLog(), add=lambda counter, step: {"counter": counter + step}
        ):
            assert await call(database, "calltest", {"input": 1}) == {"output": 4}

    configure("debug", JSON)
    asyncio.run(work())
    lines = [line for line in told(capsys) if line["logger"] == "jobcenter.observe"]
    batches = [line for line in lines if line["message"] == "batch"]
    assert sum(line["steps"] for line in batches) == 3
    assert sum(line["ended"] for line in batches) == 1
    (task,) = (line for line in lines if line["message"] == "task done")
    assert (task["action"], task["failed"]) == ("add", False)
