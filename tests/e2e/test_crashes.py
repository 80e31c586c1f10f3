"""kill -9 in the middle of a job: of the worker, of the Maestro, of both. The job ends as if nothing had been."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from jobcenter import Client, JobError
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.e2e.conftest import Site, give_up_dead_workers, kill, until
from tests.runtime.workflows import ADD, calltest

INPUTS = [{"input": n} for n in range(10)]
OUTPUTS = [{"output": n + 3} for n in range(10)]


def steps(connection: Connection) -> list[int]:
    """How often each task of each job is in the step log: once, whatever happened."""
    rows = connection.execute(
        "select count(*) from jobcenter.job_task_log where task_error is null group by job_id, task_id"
    ).fetchall()
    return [count for (count,) in rows]


def test_a_job_from_process_to_process(site: Site, client: Client) -> None:
    site.maestro()
    site.worker()
    assert client.call("calltest", {"input": 123}, timeout=60) == {"output": 126}


def test_the_worker_dies_in_the_middle_of_its_tasks(
    site: Site, client: Client, connection: Connection
) -> None:
    site.maestro()
    site.hold()
    first = site.worker()
    jobs = client.create_jobs("calltest", INPUTS)
    until(lambda: len(site.runs()) == len(jobs))
    kill(first)
    site.let_go()
    second = site.worker()
    give_up_dead_workers(connection)
    assert [job.result(timeout=60) for job in jobs] == OUTPUTS
    assert {pid for pid, _ in site.runs()} == {first.pid, second.pid}
    assert set(steps(connection)) == {1}


def test_the_worker_of_an_action_that_is_not_retryable_dies(
    site: Site, client: Client, connection: Connection
) -> None:
    deploy(connection, [replace(ADD, config={"retryable": False}), calltest()], force=True)
    site.maestro()
    site.hold()
    first = site.worker()
    job = client.create_job("calltest", {"input": 1})
    until(lambda: len(site.runs()) == 1)
    kill(first)
    site.let_go()
    site.worker()
    give_up_dead_workers(connection)
    with pytest.raises(JobError, match="the worker was lost"):
        job.result(timeout=60)
    assert len(site.runs()) == 1


def test_the_maestro_dies_while_actions_are_done(
    site: Site, client: Client, connection: Connection
) -> None:
    first = site.maestro()
    site.hold()
    site.worker()
    jobs = client.create_jobs("calltest", INPUTS)
    until(lambda: len(site.runs()) == len(jobs))
    kill(first)
    site.let_go()
    site.maestro()
    assert [job.result(timeout=60) for job in jobs] == OUTPUTS
    assert len(site.runs()) == len(jobs)
    assert set(steps(connection)) == {1}


def test_both_die_and_come_back(site: Site, client: Client, connection: Connection) -> None:
    maestro = site.maestro()
    site.hold()
    worker = site.worker()
    jobs = client.create_jobs("calltest", INPUTS)
    until(lambda: len(site.runs()) == len(jobs))
    kill(maestro)
    kill(worker)
    site.let_go()
    give_up_dead_workers(connection)
    site.worker()
    site.maestro()
    assert [job.result(timeout=60) for job in jobs] == OUTPUTS
    assert set(steps(connection)) == {1}


def test_a_worker_told_to_stop_ends_its_tasks_first(site: Site, client: Client) -> None:
    site.maestro()
    site.hold()
    worker = site.worker()
    job = client.create_job("calltest", {"input": 1})
    until(lambda: len(site.runs()) == 1)
    worker.terminate()
    site.let_go()
    assert worker.wait(60) == 0
    assert job.result(timeout=60) == {"output": 4}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_a_worker_at_once(
    site: Site, client: Client, connection: Connection, number: int
) -> None:
    site.maestro()
    site.hold()
    worker = site.worker()
    client.create_job("calltest", {"input": 1})
    until(lambda: len(site.runs()) == 1)
    worker.send_signal(number)
    until(lambda: signal_is_default(worker.pid, number))
    worker.send_signal(number)
    assert worker.wait(60) == -number


def signal_is_default(pid: int, number: int) -> bool:
    """Whether the process has no handler for the signal (any more), as the kernel tells it."""
    (caught,) = [
        line.split()[1]
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigCgt:")
    ]
    return not int(caught, 16) >> (number - 1) & 1


def test_all_connections_break_again_and_again(
    site: Site, client: Client, connection: Connection
) -> None:
    site.maestro()
    site.worker()
    jobs = client.create_jobs("calltest", [{"input": n} for n in range(500)])
    for _ in range(20):
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )
    assert [job.result(timeout=60) for job in jobs] == [{"output": n + 3} for n in range(500)]
    assert set(steps(connection)) == {1}
