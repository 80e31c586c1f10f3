"""Where a job is, live on a terminal, for as long as somebody waits for it: a tree of it and of the jobs that it waits for.

Draws what `why` finds out; when to look is `waiting`'s business.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobcenter.why import Wait

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text
    from rich.tree import Tree

LINES = 12


def on_terminal() -> bool:
    """Whether standard error is a terminal where lines can be drawn over."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Display:
    """What is shown, until the next `show`. Nothing of it stays."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, job_id: int, seconds: float, wait: Wait | None, trouble: str | None) -> None:
        """`wait` is None where the job is just ending, or nothing may be known of it. `trouble` is for the user to mend."""
        from rich.spinner import Spinner
        from rich.tree import Tree

        first = f"job {job_id}" if wait is None else line(wait)
        tree = Tree(Spinner("dots", _text(f"{first} ({seconds:.0f} s)")))
        if wait is not None:
            _add(tree, wait, LINES)
        if trouble is not None:
            tree.add(_text(trouble))
        self._live.update(tree)


def line(wait: Wait) -> str:
    return f"job {wait.job_id} {wait.workflow} ({wait.place}): {wait.reason}"


@contextmanager
def display() -> Iterator[Display]:
    """A part of the terminal, on standard error, that is given back at the end."""
    # Imported here: rich takes 100 ms, and most jobs need less.
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), transient=True, refresh_per_second=8) as live:
        yield Display(live)


def _add(tree: Tree, wait: Wait, lines: int) -> int:
    """What the job waits for, below it, in so many lines at most. Gives how many are left."""
    for other in wait.others:
        if lines > 0:
            lines = _add(tree.add(_text(line(other))), other, lines - 1)
    return lines


def _text(content: str) -> Text:
    from rich.text import Text

    return Text(content, no_wrap=True, overflow="ellipsis")
