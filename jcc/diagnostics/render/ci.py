"""For programs and CI: JSON, GitHub's workflow commands, GitLab's code quality report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from json import dumps

from jcc.diagnostics.core import Fix
from jcc.diagnostics.render.findings import Finding
from jcc.source import Source

GITHUB_LEVELS = {"error": "error", "warning": "warning", "info": "notice", "hint": "notice"}
GITLAB_LEVELS = {"error": "major", "warning": "minor", "info": "info", "hint": "info"}


def json(findings: Sequence[Finding]) -> str:
    """One JSON array of objects; lines and columns count from 1, columns in code points, ends are exclusive."""
    return dumps([_object(finding) for finding in findings], indent=1, ensure_ascii=True) + "\n"


def _object(finding: Finding) -> dict[str, object]:
    diagnostic = finding.diagnostic
    return {
        "path": finding.source.path,
        "code": diagnostic.code,
        "name": diagnostic.rule.name,
        "severity": finding.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "start": finding.start._asdict(),
        "end": finding.end._asdict(),
        "related": [
            {"path": label.path or finding.source.path, "message": label.message, **_span(place)}
            for label in diagnostic.labels
            if (place := (_source(finding, label.path), label.span))[0] is not None
        ],
        "fix": None if diagnostic.fix is None else _fix(finding.source, diagnostic.fix),
    }


def _source(finding: Finding, path: str | None) -> Source | None:
    if path is None or path == finding.source.path:
        return finding.source
    return finding.others.get(path)


def _span(place: tuple[Source | None, tuple[int, int]]) -> dict[str, object]:
    source, (start, end) = place
    assert source is not None
    return {"start": source.position(start)._asdict(), "end": source.position(end)._asdict()}


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    edits = [{**_span((source, edit.span)), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def github(findings: Sequence[Finding]) -> str:
    """Workflow commands: annotations in a pull request."""

    def escape(words: str, more: str = "") -> str:
        for char in "%\r\n" + more:
            words = words.replace(char, f"%{ord(char):02X}")
        return words

    return "".join(
        f"::{GITHUB_LEVELS[f.severity]} file={escape(f.source.path, ':,')},line={f.start.line},"
        f"col={f.start.column},endLine={f.end.line},endColumn={f.end.column},"
        f"title={escape(f.diagnostic.code, ':,')}::{escape(_sentence(f))}\n"
        for f in findings
    )


def gitlab(findings: Sequence[Finding]) -> str:
    """A code quality report. The fingerprint leaves out the line, so that a finding stays itself when it moves."""
    seen: dict[str, int] = {}
    report = []
    for f in findings:
        identity = f"{f.source.path}:{f.diagnostic.code}:{f.diagnostic.message}"
        seen[identity] = seen.get(identity, 0) + 1
        fingerprint = hashlib.sha256(f"{identity}:{seen[identity]}".encode(errors="replace"))
        report.append(
            {
                "check_name": f.diagnostic.code,
                "description": _sentence(f),
                "severity": GITLAB_LEVELS[f.severity],
                "fingerprint": fingerprint.hexdigest(),
                "location": {"path": f.source.path, "lines": {"begin": f.start.line}},
            }
        )
    return dumps(report, indent=1) + "\n"


def _sentence(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    return diagnostic.message + (f" ({diagnostic.help})" if diagnostic.help else "")
