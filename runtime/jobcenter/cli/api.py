"""`jobcenter api`, and what it needs: entries of its files (`api-user`, `api-token`), permissions in the database (`api-allow`)."""

from __future__ import annotations

import asyncio
import getpass
import os
import signal
import sys
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from jobcenter import database, lifeline, settings
from jobcenter.cli.output import complain
from jobcenter.connections import translated
from jobcenter.errors import JobCenterError, UsageError

ROLE: Final = "insert into jobcenter.jc_roles values (%s) on conflict do nothing"
STAND_IN: Final = (
    "insert into jobcenter.jc_impersonate_roles"
    " values (coalesce(%(login)s, session_user), %(who)s) on conflict do nothing"
)


class CannotListen(JobCenterError):
    """An address that is taken, or a file of TLS that cannot be used."""


def api(arguments: Namespace) -> int:
    _need_packages()
    from jobcenter.api import config, server
    from jobcenter.observe import logs
    from jobcenter.observe.setup import Kind, Options, observed

    lifeline.follow()
    logs.configure(arguments.log_level, arguments.log_format)
    chosen = config.read(settings.find())
    dsn = database.resolve(arguments.dsn)
    options = Options(arguments.metrics_host, arguments.metrics_port, arguments.traces)

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with observed(Kind.API, options, dsn) as observer:
            await server.serve(dsn, chosen, stopped, observer)

    try:
        asyncio.run(run())
    except OSError as error:
        raise CannotListen(f"the API cannot listen: {error}") from None
    return 0


def user(arguments: Namespace) -> int:
    """Puts an entry into a password file, in place of an older one."""
    _need_packages()
    from jobcenter.api.auth import hash_password

    who = arguments.who
    if not who or any(sign in who for sign in ":\n") or who.startswith("#"):
        raise UsageError(f"`{who}` cannot be a name in a password file")
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise UsageError("an empty password is none")
    file = Path(arguments.file)
    kept = [line for line in _lines(file) if line.partition(":")[0] != who]
    _write(file, [*kept, f"{who}:{hash_password(password)}"])
    return 0


def allow(arguments: Namespace) -> int:
    """Lets the API's login role stand in for others. What there is already stays."""
    with database.connect(arguments.dsn) as connection, translated(), connection.transaction():
        for who in arguments.who:
            connection.execute(ROLE, [who])
            connection.execute(STAND_IN, {"login": arguments.login, "who": who})
    return 0


def token(arguments: Namespace) -> int:
    """Makes a token, puts its hash into a file, and prints it: this once."""
    _need_packages()
    from jobcenter.api.tokens import new_token

    file = Path(arguments.file)
    known = [line.partition(":")[0] for line in _lines(file)]
    made, line = new_token(arguments.name, arguments.who, arguments.scope, known)
    _write(file, [*_lines(file), line])
    print(made)
    complain("this is shown once: the file keeps its hash alone")
    return 0


def _need_packages() -> None:
    for package in ("argon2", "passlib", "starlette", "uvicorn"):
        if find_spec(package) is None:
            raise UsageError(
                f"the API needs `{package}`, which is not installed: pip install 'jobcenter-jcc[api]'"
            )


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _write(file: Path, lines: list[str]) -> None:
    """At once, and for the eyes of its owner alone: a process that reads the file sees the old one or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if file.exists():
        draft.chmod(file.stat().st_mode)
    draft.replace(file)
