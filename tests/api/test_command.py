"""`jobcenter api` as a process: from its configuration to an orderly end; and the commands that go through it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from jobcenter import Client
from jobcenter.api.tokens import new_token
from jobcenter.cli import main
from tests.api.conftest import PASSWORDS, SECONDS, Place

WORKERS = """
from jobcenter import Worker

worker = Worker("adder")

@worker.action("add")
def add(counter, step):
    return {"counter": counter + step}
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def process(
    folder: Path, dsn: str, *command: str, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Ended in order, with status 0."""
    running = subprocess.Popen(
        [sys.executable, "-m", "jobcenter.cli", *command, "--log-level", "warning"],
        cwd=folder,
        env={**os.environ, "JOBCENTER_DSN": dsn, **more},
    )
    try:
        yield running
        running.send_signal(signal.SIGTERM)
        assert running.wait(SECONDS) == 0
    finally:
        running.kill()
        running.wait()


def configured(place: Place, port: int, http_port: int) -> None:
    lines = [f"{who}:{password}" for who, password in _entries(place)]
    (place.folder / "api.passwd").write_text("\n".join(lines) + "\n")
    (place.folder / "jobcenter.toml").write_text(
        f"""
[api]
password_file = "api.passwd"
token_file = "api.tokens"

[[api.listen]]
address = "127.0.0.1:{port}"

[[api.http]]
address = "127.0.0.1:{http_port}"
"""
    )


def _entries(place: Place) -> list[tuple[str, str]]:
    assert place.config.password_file is not None
    lines = place.config.password_file.read_text().splitlines()[1:]
    return [(line.partition(":")[0], line.partition(":")[2]) for line in lines]


def await_port(port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def test_the_api_as_a_process(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    port, http_port, watched = free_port(), free_port(), free_port()
    configured(place, port, http_port)
    token, line = new_token("t", "theCustomer", "client")
    (place.folder / "api.tokens").write_text(line + "\n")
    (place.folder / "workers.py").write_text(WORKERS)
    address = f"tcp://127.0.0.1:{port}"
    employee = {"JOBCENTER_WHO": "theEmployee", "JOBCENTER_TOKEN": PASSWORDS["theEmployee"][0]}
    with (
        process(place.folder, place.dsn, "maestro"),
        process(place.folder, place.dsn, "api", "--metrics-port", str(watched)),
    ):
        await_port(port)
        await_port(watched)
        with process(place.folder, address, "worker", "workers:worker", **employee):
            with Client(address, who="theCustomer", token=PASSWORDS["theCustomer"][0]) as jc:
                assert jc.call("calltest", {"input": 1}, timeout=SECONDS) == {"output": 4}
            headers = {"Authorization": f"Bearer {token}"}
            url = f"http://127.0.0.1:{http_port}/v1/jobs"
            order = {"workflow": "calltest", "args": {"input": 2}}
            job = httpx.post(url, json=order, headers=headers).json()["job_id"]
            result = httpx.get(f"{url}/{job}/result", headers=headers, timeout=SECONDS)
            assert result.json()["output"] == {"output": 5}
            capsys.readouterr()
            with_token = f"tcp://theCustomer:{PASSWORDS['theCustomer'][0]}@127.0.0.1:{port}"
            command = ["call", "calltest", '{"input": 3}', "--dsn", with_token, "--timeout", "30"]
            assert main(command) == 0
            assert capsys.readouterr().out == '{"output": 6}\n'
            ready = httpx.get(f"http://127.0.0.1:{watched}/readyz")
            checks = ready.json()["checks"]
            assert (ready.status_code, checks["endings"]) == (200, {"ok": True})
            metrics = httpx.get(f"http://127.0.0.1:{watched}/metrics").text
            assert "jobcenter_api_workers 1.0" in metrics
            assert 'jobcenter_api_answers_total{receipt="recorded"} 3.0' in metrics
            assert 'route="/v1/jobs/{job_id}/result",status="200"' in metrics


def test_an_address_that_is_taken_is_told_so(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        configured(place, taken.getsockname()[1], free_port())
        (place.folder / "api.tokens").write_text("")
        monkeypatch.chdir(place.folder)
        assert main(["api", "--dsn", place.dsn]) == 1
    assert "the API cannot listen" in capsys.readouterr().err


def test_without_a_configuration_it_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["api", "--dsn", "dbname=none"]) == 1
    assert "needs `password_file`" in capsys.readouterr().err


def test_the_api_may_act_for_whom_it_is_told(place: Place) -> None:
    for _ in range(2):
        assert main(["api-allow", "newcomer", "other", "--dsn", place.dsn]) == 0
    assert main(["api-allow", "newcomer", "--login", "api_login", "--dsn", place.dsn]) == 0
    pairs = place.connection.execute(
        "select rolename = session_user, impersonates from jobcenter.jc_impersonate_roles"
        " where impersonates in ('newcomer', 'other') order by 2, 1"
    ).fetchall()
    assert pairs == [(False, "newcomer"), (True, "newcomer"), (True, "other")]
