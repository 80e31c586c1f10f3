"""JUnit XML: a test suite a file, a failed test case a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from jcc.diagnostics.render.findings import Finding

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(findings: Sequence[Finding]) -> str:
    suites = []
    for path, group in groupby(findings, key=lambda f: f.source.path):
        cases = [_case(finding) for finding in group]
        suites.append(
            f'<testsuite name={_attribute(path)} tests="{len(cases)}" failures="{len(cases)}">'
            + "".join(cases)
            + "</testsuite>\n"
        )
    total = len(findings)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="jcc" tests="{total}" failures="{total}">\n{"".join(suites)}</testsuites>\n'
    )


def _case(finding: Finding) -> str:
    place = f"{finding.start.line}:{finding.start.column}"
    name = f"{finding.diagnostic.code} at {place}"
    body = escape(_clean(finding.diagnostic.help or ""))
    return (
        f"<testcase name={_attribute(name)} classname={_attribute(finding.source.path)}>"
        f"<failure type={_attribute(finding.severity)} message={_attribute(finding.diagnostic.message)}>"
        f"{body}</failure></testcase>"
    )


def _attribute(words: str) -> str:
    return f'"{escape(_clean(words))}"'


def _clean(words: str) -> str:
    return NOT_IN_XML.sub("\ufffd", words)
