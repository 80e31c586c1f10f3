"""Postgres stopped at once, again and again, while jobs run: nothing is restarted by hand, nothing is lost or done twice."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobcenter import Client, database, embedded, migrate
from jobcenter.deploy import deploy
from tests.e2e.conftest import Site
from tests.runtime.workflows import ADD, calltest

JOBS, STOPS = 2000, 5


@pytest.fixture
def own_server() -> Iterator[Path]:
    """A data folder of the test's own, outside pytest's folders: those are closed to the user that runs Postgres for root."""
    base = Path(tempfile.mkdtemp(prefix="jobcenter-e2e-"))
    base.chmod(0o755)
    yield base / "postgres"
    embedded.detach(base / "postgres")
    embedded.stop(base / "postgres", "immediate")
    shutil.rmtree(base, ignore_errors=True)


def test_work_goes_on_when_postgres_comes_back(own_server: Path, tmp_path: Path) -> None:
    dsn = embedded.attach(own_server)
    with database.connect(dsn) as connection:
        migrate.upgrade(connection)
        deploy(connection, [ADD, calltest()])
    site = Site(tmp_path, dsn)
    try:
        site.maestro()
        site.worker()
        with Client(dsn) as client:
            assert client.call("calltest", {"input": 1}, timeout=60) == {"output": 4}
            jobs = client.create_jobs("calltest", [{"input": n} for n in range(JOBS)])
            for _ in range(STOPS):
                time.sleep(0.3)
                embedded.stop(own_server, "immediate")
                embedded.attach(own_server)
            assert [job.result(timeout=60) for job in jobs] == [
                {"output": n + 3} for n in range(JOBS)
            ]
            assert client.call("calltest", {"input": 2}, timeout=60) == {"output": 5}
    finally:
        site.kill_all()
    with database.connect(dsn) as connection:
        repeated = connection.execute(
            "select job_id, task_id, count(*) from jobcenter.job_task_log where task_error is null"
            " group by job_id, task_id having count(*) > 1"
        ).fetchall()
    assert repeated == []
