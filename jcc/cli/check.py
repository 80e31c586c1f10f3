"""`jcc check`"""

from __future__ import annotations

import argparse

from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import SEVERITIES, findings, load, show, worst


def run(arguments: argparse.Namespace) -> int:
    project = load(arguments.paths)
    found = findings(project, project.named)
    if project.named:
        show(found, arguments.format)
    if project.problems:
        return USAGE
    severity = worst(found)
    return FAILED if severity is not None and severity >= SEVERITIES[arguments.fail_level] else OK
