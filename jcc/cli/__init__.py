"""The command line `jcc`: the only part of the compiler that reads arguments, prints and exits."""

from jcc.cli.main import main

__all__ = ["main"]
