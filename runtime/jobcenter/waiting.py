"""Waiting for a job with somebody looking on: while nothing moves, they are told what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jobcenter import why
from jobcenter.client import Client
from jobcenter.errors import JobTimeout, PermissionDenied

EXPLAIN_AFTER = 2.0  # seconds between two looks at what the job waits for


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
        waited = time.monotonic() - begun
        left = EXPLAIN_AFTER if timeout is None else min(EXPLAIN_AFTER, timeout - waited)
        if left <= 0 and timeout is not None:
            raise JobTimeout(job_id, timeout)
        try:
            return client.result(job_id, left)
        except JobTimeout:
            reason = explain(job_id) if explain else explain_wait(client, job_id)
        if reason is not None and reason != said:
            say(f"waiting: {reason} ({time.monotonic() - begun:.0f} s)")
            said = reason


def explain_wait(client: Client, job_id: int) -> str | None:
    """What the job waits for in the end, in words; None when it has ended, or when this role may not see it."""
    try:
        found = why.explain(client, job_id)
    except PermissionDenied:
        return None
    if found is None:
        return None
    root = next(found.roots())
    return root.reason if root.job_id == job_id else f"job {root.job_id}: {root.reason}"
