"""The disk is full, then the database takes no writes: what is to be created is refused with an error that says so, and all goes on by itself
afterwards.

As root the disk is one: a small file system in memory, filled to its last byte. Otherwise a trigger says what Postgres would.

`python -m tests.soak.full_disk [JOBS] [ROUNDS]`
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg.conninfo import make_conninfo

from jobcenter import embedded, migrate
from jobcenter.client import Client
from jobcenter.errors import NoDatabase, Unavailable
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, own_server, patient, report, town

DISK = "160m"
DURING = 3.0  # seconds that the trouble lasts
TRIGGER = """
create or replace function public.disk_full() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file: No space left on device' using errcode = '53100';
end $$;
create trigger disk_full before insert or update on jobcenter.jobs for each statement execute function public.disk_full();
"""


class Disk(Protocol):
    def fill(self) -> None: ...

    def free(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RealDisk:
    """A file system of its own."""

    folder: Path

    def fill(self) -> None:
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            for size in (2**20, 2**12):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(b"\0" * size)

    def free(self) -> None:
        (self.folder / "filler").unlink()


@dataclass(frozen=True, slots=True)
class PretendedDisk:
    dsn: str

    def fill(self) -> None:
        with patient(self.dsn) as connection:
            connection.execute(TRIGGER)

    def free(self) -> None:
        with patient(self.dsn) as connection:
            connection.execute("drop trigger disk_full on jobcenter.jobs")


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """Not a disk, but the same trouble: new sessions may only read, and all sessions are new."""

    dsn: str

    def fill(self) -> None:
        self._set("on")

    def free(self) -> None:
        self._set("off")

    def _set(self, value: str) -> None:
        with patient(self.dsn) as connection:
            connection.execute("set default_transaction_read_only = off")
            name = psycopg.sql.Identifier(connection.info.dbname)
            connection.execute(psycopg.sql.SQL("alter database {} set default_transaction_read_only = {}").format(name, psycopg.sql.SQL(value)))  # fmt: skip
            if value == "on":
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                )


def run(dsn: str, disk: Disk, jobs: int, rounds: int, during: float = DURING) -> Outcome:
    outcome = Outcome("full_disk")
    accounts = Accounts()
    refusals = unclear = 0
    with town(dsn) as place, Client(dsn) as client:
        with patient(dsn) as connection:
            deploy_all(connection)
        for start in (place.maestro, place.worker):
            start()
        for turn in range(rounds):
            trouble, said = ((disk, "No space left"), (ReadOnly(dsn), "read-only"))[turn % 2]
            accounts.create(client, max(-(-jobs // rounds), 10))
            time.sleep(0.2)
            trouble.fill()
            for refusal in refused(client, during):
                refusals += 1
                unclear += said not in refusal
            trouble.free()
        accounts.settle(dsn, 180)
        with patient(dsn) as connection:
            outcome.least("jobs", len(accounts.expected), jobs)
            outcome.add("times of trouble", rounds)
            outcome.least("creates refused", refusals, rounds)
            outcome.none("without saying why", unclear)
            accounts.check(outcome, connection)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def refused(client: Client, seconds: float) -> Iterator[str]:
    """Creates jobs (that are in no account) until that has been refused for so long; gives the messages."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            client.create_jobs("counting", [{}] * 100)
        except Unavailable as error:
            yield str(error)
            time.sleep(0.1)
        except NoDatabase:
            time.sleep(0.1)


@contextmanager
def small_database(server: Path) -> Iterator[tuple[str, Disk]]:
    """A database on a disk that can be filled."""
    folder = server.parent / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
    try:
        owner = server.stat()
        (folder / "space").mkdir()
        os.chown(folder / "space", owner.st_uid, owner.st_gid)
        with patient(embedded.dsn(server)) as connection:
            connection.execute(f"create tablespace small location '{folder / 'space'}'".encode())
            connection.execute("create database small tablespace small")
        dsn = make_conninfo(embedded.dsn(server), dbname="small")
        with patient(dsn) as connection:
            migrate.upgrade(connection)
        yield dsn, RealDisk(folder)
    finally:
        embedded.stop(server, "immediate")
        subprocess.run(["umount", folder], check=True)


def main(jobs: int = 2000, rounds: int = 8) -> int:
    with own_server() as server:
        if os.geteuid() == 0:
            with small_database(server) as (dsn, disk):
                return report(run(dsn, disk, jobs, rounds))
        dsn = embedded.dsn(server)
        return report(run(dsn, PretendedDisk(dsn), jobs, rounds))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
