"""Which distribution this is, for `--version` of every command and for the language server. Standard library only."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

NAME = "jobcenter-jcc"


def version() -> str:
    """The version that is installed; 0 in a checkout that is not."""
    # Imported here: it takes longer than all else that a command needs to begin.
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(NAME)
    except PackageNotFoundError:
        return "0"


class ShowVersion(argparse.Action):
    """`--version`: prints the distribution's name and version, and ends the program."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"{NAME} {version()}")
        sys.exit(0)


def add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action=ShowVersion, help="print the name and version, and end")
