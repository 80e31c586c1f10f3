"""Standard output of a command that cannot take what is written to it: closed, full, or read by nobody any more."""

from __future__ import annotations

import os
import sys


def ensure() -> None:
    """Python has none where the shell has closed it (`>&-`): then what is printed goes nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (as long as the program)


def abandon() -> None:
    """What is still in its buffer would fail once more when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
