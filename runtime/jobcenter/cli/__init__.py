"""`jobcenter`: the commands of the runtime. The only part of it that reads arguments, prints and exits."""

from jobcenter.cli.main import main

__all__ = ["main"]
