"""Where a job is, live: a tree of it and its children on a terminal, for as long as somebody waits for it.

What is asked of the database is here, and how it is drawn; when to look is `waiting`'s business. Needs the role `jc_admin`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobcenter.inspection import reason
from jobcenter.statements import Row, Statement

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

BRANCHES = 5  # children that are shown of a job
DEPTH = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A job that has not ended, and where it stands. `seconds`: how long it has stood there."""

    job_id: int
    level: int  # 0 is the job that was asked for
    workflow: str
    line: int | None
    reason: str
    seconds: float
    hidden: int  # children that are at work, but not shown

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        return f"job {self.job_id} {self.workflow}{line}: {self.reason} ({self.seconds:.0f} s)"


def places(job_id: int) -> Statement[list[Place]]:
    """The job and the first of its children, and of theirs, that have not ended; parents before their children."""
    return Statement(
        "with recursive below as ("
        "  select j.*, 0 as level, array[j.job_id] as path from jobcenter.jobs j where j.job_id = %(job)s"
        "    and j.state not in ('zombie', 'finished', 'error')"
        "  union all"
        "  select c.*, b.level + 1, b.path || c.job_id from below b, lateral ("
        "    select * from jobcenter.jobs k where k.parentjob_id = b.job_id and not k.detached"
        "    and k.state not in ('zombie', 'finished', 'error') order by k.job_id limit %(branches)s) c"
        "  where b.state = 'childwait' and b.level < %(depth)s"
        ") select b.job_id, b.level, b.state::text, b.timeout, b.in_args, f.name as workflow, t.line, a.name as action,"
        " w.name as worker, extract(epoch from clock_timestamp() - b.task_entered)::float8 as seconds,"
        " (select count(*) from jobcenter.worker_actions x join jobcenter.workers s using (worker_id)"
        "  where x.queue_id = b.queue_id and s.stopped is null) as workers,"
        " l.locktype, l.lockvalue, held.job_id as holder, children.ended, children.begun"
        " from below b"
        " join jobcenter.actions f on f.action_id = b.workflow_id"
        " left join jobcenter.tasks t on t.workflow_id = b.workflow_id and t.task_id = b.task_id"
        " left join jobcenter.actions a on a.action_id = b.queue_id"
        " left join jobcenter.workers w on w.worker_id = b.worker_id"
        " left join jobcenter.lock_waits l on l.job_id = b.job_id"
        " left join lateral (select k.job_id from jobcenter.locks k where k.locktype = l.locktype"
        "  and k.lockvalue = l.lockvalue order by k.depth desc limit 1) held on true"
        " left join lateral (select count(*) as begun, count(*) filter (where k.state in ('zombie', 'finished', 'error')) as ended"
        "  from jobcenter.jobs k where b.state = 'childwait' and k.parentjob_id = b.job_id and not k.detached) children on true"
        " order by b.path",
        {"job": job_id, "branches": BRANCHES, "depth": DEPTH},
        lambda rows: [_place(row) for row in rows],
        repeatable=True,
    )


def _place(row: Row) -> Place:
    waits = row["state"] == "childwait"
    why = f"{row['ended']} of {row['begun']} children have ended" if waits else reason(row)
    hidden = max(row["begun"] - row["ended"] - BRANCHES, 0) if waits else 0
    return Place(
        row["job_id"], row["level"], row["workflow"], row["line"], why, row["seconds"], hidden
    )


def on_terminal() -> bool:
    """Whether standard error is a terminal where lines can be drawn over."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Display:
    """What is shown, until the next `show`. Nothing of it stays."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, job_id: int, seconds: float, found: Sequence[Place], trouble: str | None) -> None:
        """`found` is empty where nothing may be known of the job, or it is just ending. `trouble` is for the user to mend."""
        from rich.spinner import Spinner
        from rich.tree import Tree

        first = str(found[0]) if found else f"job {job_id} ({seconds:.0f} s)"
        trunks = [Tree(Spinner("dots", _text(first)))]
        for place in found[1:]:
            del trunks[place.level :]
            trunks.append(trunks[-1].add(_text(str(place))))
            if place.hidden:
                trunks[-1].add(_text(f"and {place.hidden} more"))
        if found and found[0].hidden:
            trunks[0].add(_text(f"and {found[0].hidden} more"))
        if trouble is not None:
            trunks[0].add(_text(trouble))
        self._live.update(trunks[0])


@contextmanager
def display() -> Iterator[Display]:
    """A part of the terminal, on standard error, that is given back at the end."""
    # Imported here: rich takes 100 ms, and most jobs need less.
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), transient=True, refresh_per_second=8) as live:
        yield Display(live)


def _text(line: str) -> Text:
    from rich.text import Text

    return Text(line, no_wrap=True, overflow="ellipsis")
