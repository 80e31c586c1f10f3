"""How the log of a process that stays is written: a line for people, or JSON for programs, always on standard error.

The modules log with the standard library's `logging`, their fields as `extra`; so does the code of a worker's actions, and all
comes out in one form. No argument or output of a job is logged at `info`: those may be anybody's secrets.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from jobcenter.engine.tally import Tally
from jobcenter.observe.observer import FAILED, Answered, Batch, Observer

if TYPE_CHECKING:
    from jobcenter.statements import Task

CONSOLE, JSON = "console", "json"
TIME: Final = "%Y-%m-%d %H:%M:%S"

log = logging.getLogger("jobcenter.observe")


def configure(level: str, form: str = CONSOLE) -> None:
    """Sets up the root logger. `level` is one of logging's, in small letters; `form` is `console` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form, colors=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def _formatter(form: str, *, colors: bool) -> logging.Formatter:
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
    ]
    own: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta
    ]
    if form == JSON:
        shared.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
        # As a text: structlog's own tracebacks in JSON show the values of local variables.
        own += [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
    else:
        shared.append(structlog.processors.TimeStamper(fmt=TIME, utc=False))
        own.append(
            structlog.dev.ConsoleRenderer(
                colors=colors,
                pad_event_to=0,
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=own)


class DebugLog(Observer):
    """Every batch and every task, at level `debug`: for looking closely, not for production."""

    counts = True

    def batch(self, batch: Batch) -> None:
        tallies = [Tally.from_json(text) for text in batch.tallies]
        log.debug(
            "batch",
            extra={
                "jobs": batch.jobs,
                "steps": sum(tally.steps.total() for tally in tallies),
                "ended": sum(len(tally.ended) for tally in tallies),
                "run_ms": round(batch.run_seconds * 1000, 2),
                "store_ms": round(batch.store_seconds * 1000, 2),
            },
        )

    @contextmanager
    def task(self, action: str, task: Task) -> Iterator[Answered]:
        fields: dict[str, object] = {"action": action, "job": task.job_id}

        def answered(answer: str) -> None:
            fields["failed"] = answer.startswith(FAILED)

        yield answered
        log.debug("task done", extra=fields)
