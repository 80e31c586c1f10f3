"""`jobcenter maestro`, `worker`, `step`: what runs, or does a piece of it by hand."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from jobcenter import database, lifeline
from jobcenter.cli.output import print_json
from jobcenter.connections import translated
from jobcenter.observe.setup import Kind, Options, observed

# The rest is imported by the command that needs it: start-up time counts.


def maestro(arguments: Namespace) -> int:
    from jobcenter.maestro import serve

    options = _begin(arguments)
    dsn = database.resolve(arguments.dsn)

    async def run() -> None:
        async with observed(Kind.MAESTRO, options, dsn) as observer:
            await serve(dsn, executors=arguments.processes, observer=observer)

    with asyncio.Runner(loop_factory=_leaner_loop()) as runner:
        runner.run(run())
    return 0


def _leaner_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """That of uvloop where it is installed (`pip install jobcenter-jcc[fast]`), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def worker(arguments: Namespace) -> int:
    from jobcenter.loading import load_worker

    options = _begin(arguments)
    found = load_worker(arguments.worker, Path.cwd())
    found.dsn = arguments.dsn or found.dsn

    async def run() -> None:
        async with observed(Kind.WORKER, options, found.dsn) as found.observer:
            await found.serve_until_signalled()

    with asyncio.Runner(loop_factory=_leaner_loop()) as runner:
        runner.run(run())
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


def _begin(arguments: Namespace) -> Options:
    """For processes that stay: they log, and end with the stack that started them. How they are to be observed."""
    from jobcenter.observe import logs

    lifeline.follow()
    logs.configure(arguments.log_level, arguments.log_format)
    return Options(
        arguments.metrics_host,
        arguments.metrics_port,
        arguments.traces,
        debug=arguments.log_level == "debug",
    )
