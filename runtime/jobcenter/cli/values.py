"""What may stand on the command line, as types of argparse: their names are not shown, what they raise is."""

from __future__ import annotations

import argparse
import math
from typing import Final

# The states of a job, as the database names them.
STATES: Final = (
    "ready", "working", "eventwait", "childwait", "lockwait", "sleeping", "retrywait", "done", "plotting", "zombie",
    "finished", "error",
)  # fmt: skip


def seconds(text: str) -> float:
    """A time of 0 or more."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds")
    return number


def positive(text: str) -> int:
    """A whole number above 0 that the database can hold."""
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 0 < number < 2**63:
        raise argparse.ArgumentTypeError(f"`{text}` is not a positive whole number")
    return number


def port(text: str) -> int:
    """The number of a port; 0 is any that is free."""
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= number < 2**16:
        raise argparse.ArgumentTypeError(f"`{text}` is not a port")
    return number
