"""The clock of workflows, `now()`: the database's, whatever the clock of the machine that runs their code says.

Whoever hands out a batch says what time it was in the database just before (`follow`). That is a little late when it
arrives; so the greatest lead ever seen counts, unless this machine's own clock was set meanwhile.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

JUMP = 1.0  # seconds; less than that is a message under way, more is a clock that was set

_lead: float | None = None  # of the database's clock


def follow(database_time: float) -> None:
    """`database_time`: seconds since 1970, as the database said a moment ago."""
    global _lead
    lead = database_time - time.time()
    if _lead is None or lead > _lead or lead < _lead - JUMP:
        _lead = lead


def now() -> datetime:
    """In UTC. Without a database: this machine's time."""
    return datetime.fromtimestamp(time.time() + (_lead or 0.0), UTC)
