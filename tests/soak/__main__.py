"""All the soak programs, one after the other: `python -m tests.soak`. A line for each; the exit status is 1 if a promise was broken."""

from __future__ import annotations

import subprocess
import sys

PROGRAMS = (
    "kills",
    "postgres_stops",
    "lost_commits",
    "broken_networks",
    "restarts",
    "late_answers",
    "notifications",
    "poison",
    "backlog",
    "races",
    "deadlocks",
    "crossings",
    "tangle",
    "full_disk",
    "clocks",
)


def main() -> int:
    """Each in a process of its own: what one of them does to itself is not to meet the next."""
    statuses = [
        subprocess.run([sys.executable, "-m", f"tests.soak.{program}"], check=False).returncode
        for program in PROGRAMS
    ]
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
