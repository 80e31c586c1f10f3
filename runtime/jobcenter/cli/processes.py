"""`jobcenter maestro`, `worker`, `step`: what runs, or does a piece of it by hand."""

from __future__ import annotations

import asyncio
import logging
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from jobcenter import database, lifeline
from jobcenter.cli.output import print_json
from jobcenter.connections import translated

# The rest is imported by the command that needs it: start-up time counts.


def maestro(arguments: Namespace) -> int:
    from jobcenter.maestro import serve

    _begin(arguments)
    dsn = database.resolve(arguments.dsn)
    asyncio.run(serve(dsn, executors=arguments.processes))
    return 0


def worker(arguments: Namespace) -> int:
    from jobcenter.loading import load_worker

    _begin(arguments)
    found = load_worker(arguments.worker, Path.cwd())
    found.dsn = arguments.dsn or found.dsn
    found.run()
    return 0


def step(arguments: Namespace) -> int:
    from jobcenter.step import step as take

    with database.connect(arguments.dsn) as connection, translated():
        done = take(connection, arguments.jobtask)
    if arguments.json:
        print_json(asdict(done))
        return 0
    # As psql shows the row of a function.
    jobtask = done.jobtask or "null"
    print(f" error | jobtask\n-------+{'-' * max(len(jobtask) + 2, 9)}")
    print(f" {str(done.error).lower():<5} | {jobtask}")
    return 0


def _begin(arguments: Namespace) -> None:
    """For processes that stay: they log, and end with the stack that started them."""
    lifeline.follow()
    logging.basicConfig(
        level=arguments.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
