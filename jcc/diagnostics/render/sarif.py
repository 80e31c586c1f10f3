"""SARIF 2.1.0 (OASIS): one run, with the rules that its results name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from jcc.diagnostics.core import Fix, Rule
from jcc.diagnostics.render.findings import Finding
from jcc.source import Source, Span

LEVELS = {"error": "error", "warning": "warning", "info": "note", "hint": "note"}
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif(findings: Sequence[Finding]) -> str:
    rules = sorted({f.diagnostic.rule for f in findings}, key=lambda rule: rule.code)
    index = {rule.code: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "jcc", "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    return {"id": rule.code, "name": rule.name, "shortDescription": {"text": rule.message}}


def _result(finding: Finding, index: dict[str, int]) -> dict[str, object]:
    diagnostic = finding.diagnostic
    words = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index[diagnostic.code],
        "level": LEVELS[finding.severity],
        "message": {"text": words},
        "locations": [_location(finding.source, diagnostic.span)],
    }
    related = []
    for label in diagnostic.labels:
        source = finding.others.get(label.path) if label.path else finding.source
        if source is not None:
            related.append({**_location(source, label.span), "message": {"text": label.message}})
    if related:
        result["relatedLocations"] = related
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(finding.source, diagnostic.fix)]
    return result


def _location(source: Source, span: Span) -> dict[str, object]:
    return {
        "physicalLocation": {"artifactLocation": _artifact(source), "region": _region(source, span)}
    }


def _artifact(source: Source) -> dict[str, object]:
    return {"uri": quote(source.path.replace("\\", "/"), errors="replace")}


def _region(source: Source, span: Span) -> dict[str, object]:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(source), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}
