"""Waiting for a job with somebody looking on: while nothing moves, they are told what it waits for. On a terminal they see where it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from jobcenter import progress, why
from jobcenter.client import Client
from jobcenter.errors import JobTimeout, NoDatabase, PermissionDenied
from jobcenter.why import UNATTENDED

EXPLAIN_AFTER = 2.0  # seconds between two looks at what the job waits for
LOOK = 0.25  # seconds between two looks at where it is; a job that takes less is not shown


def result_watched(
    client: Client,
    job_id: int,
    timeout: float | None,
    trouble: Callable[[], str | None] = lambda: None,
    unattended: str = UNATTENDED,
) -> dict[str, Any]:
    """`Client.result`, which see. On a terminal, standard error shows meanwhile where the job is; elsewhere a line says what it
    waits for, as with `result_explained`. `trouble` is what stands in its way for reasons that the database does not know,
    `unattended` what to say while no Maestro is connected."""
    if progress.on_terminal():
        return _result_shown(client, job_id, timeout, trouble, unattended)
    return result_explained(
        client,
        job_id,
        timeout,
        _note,
        lambda job: trouble() or explain_wait(client, job, unattended),
    )


def result_explained(
    client: Client,
    job_id: int,
    timeout: float | None,
    say: Callable[[str], None],
    explain: Callable[[int], str | None] | None = None,
) -> dict[str, Any]:
    """`Client.result`, which see; each time that the reason changes, `say` gets a line such as
    `waiting: action add has no worker (2 s)`. `explain` gives the reason (default: `explain_wait`)."""
    begun, said = time.monotonic(), None
    while True:
        left = _pause(job_id, begun, timeout, EXPLAIN_AFTER)
        try:
            return client.result(job_id, left)
        except JobTimeout:
            reason = explain(job_id) if explain else explain_wait(client, job_id)
        if reason is not None and reason != said:
            say(f"waiting: {reason} ({time.monotonic() - begun:.0f} s)")
            said = reason


def explain_wait(client: Client, job_id: int, unattended: str = UNATTENDED) -> str | None:
    """What the job waits for in the end, in words; None when it has ended or is on its way, or when this role may not see it."""
    found = _wait(client, job_id, unattended)
    root = next((root for root in found.roots() if not root.moving), None) if found else None
    if root is None:
        return None
    return root.reason if root.job_id == job_id else f"job {root.job_id}: {root.reason}"


def _result_shown(
    client: Client,
    job_id: int,
    timeout: float | None,
    trouble: Callable[[], str | None],
    unattended: str,
) -> dict[str, Any]:
    begun = time.monotonic()
    shown: progress.Display | None = None
    wait: why.Wait | None = None
    with ExitStack() as stack:
        while True:
            try:
                left = _pause(job_id, begun, timeout, LOOK)
            except JobTimeout:
                stack.close()
                if wait is not None:  # what was on the terminal is gone, but this may be why
                    _note(f"waiting: {progress.line(wait)}")
                raise
            with suppress(JobTimeout):
                return client.result(job_id, left)
            shown = shown or stack.enter_context(progress.display())
            wait = _wait(client, job_id, unattended)
            shown.show(job_id, time.monotonic() - begun, wait, trouble())


def _wait(client: Client, job_id: int, unattended: str) -> why.Wait | None:
    """None also where nothing may be known of it. An absence of the database is borne by whoever waits for the result."""
    try:
        return why.explain(client, job_id, unattended)
    except (PermissionDenied, NoDatabase):
        return None


def _pause(job_id: int, begun: float, timeout: float | None, look: float) -> float:
    """How long to wait before the next look. Raises JobTimeout where the time is over."""
    if timeout is None:
        return look
    left = timeout - (time.monotonic() - begun)
    if left <= 0:
        raise JobTimeout(job_id, timeout)
    return min(look, left)


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
