"""`jcc fmt`: files in the one layout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from jcc.cli.changes import difference, write_changes
from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import load
from jcc.config import Config, find_config
from jcc.frontend.formatter import Style, format_source
from jcc.project import find_root
from jcc.source import Source
from jcc.workspace import source


def run(arguments: argparse.Namespace) -> int:
    if arguments.paths == ["-"]:
        return _standard_input(arguments)
    project = load(arguments.paths, catalogs=False)
    changed = {}
    for path in project.named:
        text = source(project.workspace, path)
        formatted = format_source(text, style(project.config(path)))
        if formatted != text.text:
            changed[path] = formatted
    if arguments.check and not arguments.diff:
        for path in changed:
            print(f"would format {path}")
    elif not write_changes(project, changed, only_show=arguments.diff):
        return USAGE
    elif not arguments.diff:
        for path in changed:
            print(f"formatted {path}")
    if project.problems:
        return USAGE
    return FAILED if changed and (arguments.check or arguments.diff) else OK


def style(config: Config) -> Style:
    """The formatter's style out of the configuration's `indent`."""
    return Style() if isinstance(config.indent, str) else Style(spaces=config.indent)


def _standard_input(arguments: argparse.Namespace) -> int:
    text = sys.stdin.read()
    formatted = format_source(Source("-", text), style(find_config(find_root(Path.cwd()))))
    if arguments.diff:
        print(difference("-", text, formatted), end="")
    elif not arguments.check:
        print(formatted, end="")
    return FAILED if formatted != text and (arguments.check or arguments.diff) else OK
