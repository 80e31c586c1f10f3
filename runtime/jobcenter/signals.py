"""Waiting for an event of the loop, for some time at most.

Not by `asyncio.wait_for`: in Python 3.11, that hides a cancellation which comes in the moment in which the wait ends, and the task that was to
end goes on for ever.
"""

from __future__ import annotations

import asyncio
import contextlib


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`. Cancelled as any wait."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
