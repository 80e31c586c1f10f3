"""Arguments in, exit status out; errors become one line. A command's module is imported only when it runs."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence

from jobcenter import stdout
from jobcenter.cli.output import complain
from jobcenter.cli.parser import build_parser
from jobcenter.errors import (
    InvalidArguments,
    JobCenterError,
    NoDatabase,
    PermissionDenied,
    UnknownJob,
    UnknownWorkflow,
    UsageError,
)

OK, FAILED, USAGE, NO_DATABASE, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `jobcenter ARGUMENTS` and give its exit status. Entry point of the console script."""
    stdout.ensure()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may not have all letters
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    try:
        command = importlib.import_module(f"jobcenter.cli.{arguments.module}")
        status: int = getattr(command, arguments.function)(arguments)
        sys.stdout.flush()
    except JobCenterError as error:
        complain(_said(error))
        return _status(error)
    except BrokenPipeError:  # the reader (`| head`) has gone
        stdout.abandon()
        return OK
    except OSError as error:  # it is full, or a file cannot be used
        complain(str(error))
        stdout.abandon()
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _said(error: JobCenterError) -> str:
    """Postgres says which table or function it was, which is no advice."""
    said = str(error)
    if isinstance(error, PermissionDenied) and said.startswith("permission denied for "):
        return f"{said}: this takes a role in jc_admin, or in jc_client for what clients do"
    return said


def _status(error: JobCenterError) -> int:
    match error:
        case NoDatabase():
            return NO_DATABASE
        case UsageError() | InvalidArguments() | UnknownWorkflow() | UnknownJob():
            return USAGE
        case _:
            return FAILED
