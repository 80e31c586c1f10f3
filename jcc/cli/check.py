"""`jcc check`"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import SEVERITY_BY_NAME, complain, findings, load, show
from jcc.diagnostics.render import Finding
from jcc.fixes import apply_fixes
from jcc.project import Project
from jcc.workspace import source


def run(arguments: argparse.Namespace) -> int:
    project = load(arguments.paths)
    if arguments.fix and not _fix(project, arguments):
        return USAGE
    found = findings(project, project.named)
    if arguments.write_baseline:
        return _store(Path(arguments.write_baseline), found)
    found = _new_ones(project, arguments, found)
    if arguments.statistics:
        _count(found)
    elif project.named:
        show(found, arguments.format)
    if project.problems:
        return USAGE
    return FAILED if any(_fails(project, arguments, finding) for finding in found) else OK


def _fails(project: Project, arguments: argparse.Namespace, finding: Finding) -> bool:
    level = arguments.fail_level or project.config(finding.source.path).fail_level
    return finding.diagnostic.severity >= SEVERITY_BY_NAME[level]


def _fix(project: Project, arguments: argparse.Namespace) -> bool:
    """Mend what can be mended; False where a file cannot be written, which has been said."""
    from jcc.cli.changes import write_changes  # its imports take longer than checking a file

    changed = {}
    for path in project.named:
        text = source(project.workspace, path).text
        # A fix may bring another finding to light, or make place for a fix that touched it.
        for _ in range(10):
            text, count = apply_fixes(text, project.wanted(path), unsafe=arguments.unsafe_fixes)
            if count == 0:
                break
            changed[path] = text
            project.workspace.set_text(path, text)
    return write_changes(project, changed, only_show=arguments.diff)


def _store(file: Path, found: Sequence[Finding]) -> int:
    from jcc.baseline import write_baseline  # as above

    try:
        write_baseline(file, found)
    except OSError as error:
        complain(f"cannot write {file}: {(error.strerror or str(error)).lower()}")
        return USAGE
    print(f"{file}: {len(found)} known finding{'' if len(found) == 1 else 's'}")
    return OK


def _new_ones(
    project: Project, arguments: argparse.Namespace, found: list[Finding]
) -> list[Finding]:
    files = {project.config(path).baseline_file for path in project.named}
    if arguments.baseline:
        files = {Path(arguments.baseline)}
    for file in files:
        if file is not None:
            from jcc.baseline import without_known  # as above

            found = without_known(file, found)
    return found


def _count(found: Sequence[Finding]) -> None:
    counts = Counter(finding.diagnostic.rule for finding in found)
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0].code)):
        print(f"{count:>6}  {rule.code}  {rule.name}")
