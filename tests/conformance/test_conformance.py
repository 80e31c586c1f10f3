"""The conformance kit: each sentence of the language's reference shown by workflows that run on the real engine.

table.md lists the sentences, the folders hold the workflows, `cases` says how they are read.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from jcc.frontend.formatter import format_source
from jcc.frontend.functions import FUNCTIONS
from jcc.frontend.parser import parse
from jcc.source import Source
from jcc.workspace import Workspace, diagnostics, exported
from jobcenter.artifact import Definition
from tests.annotations import mismatches
from tests.conformance.cases import (
    Accepted,
    Case,
    Fails,
    Gives,
    KitFile,
    Refused,
    kit_files,
    sentences,
)
from tests.conformance.stage import (
    Ended,
    Result,
    Said,
    compile_kit,
    make_workspace,
    run_cases,
)
from tests.database import fresh_database
from tests.frontend.sexpr import sexpr

FILES = kit_files()
CASES = [case for file in FILES for case in file.cases]


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return make_workspace(FILES)


@pytest.fixture(scope="module")
def definitions(workspace: Workspace) -> list[Definition]:
    return compile_kit(workspace, FILES)


@pytest.fixture(scope="module")
def results(
    server: str, template: str, workspace: Workspace, definitions: list[Definition]
) -> dict[str, Result]:
    with fresh_database(server, template) as dsn:
        return run_cases(dsn, workspace, definitions, CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case(case: Case, results: dict[str, Result]) -> None:
    match case.expected, results[case.id]:
        case Gives(outputs=outputs), Ended(output=output):
            assert exactly(output) == exactly(outputs)
        case Fails(error_class=error_class, part=part), Ended(output={"error": error}):
            assert error["class"] == error_class, error
            assert part in error["msg"]
        case Refused(part=part), Said(refusal=str(refusal)):
            assert part in refusal
        case Accepted(), Said(refusal=None):
            pass
        case _, result:
            pytest.fail(f"{case.expected} was expected, and there is {result}")


def exactly(value: Any) -> list[str]:
    """A value as text, a line for each part of it: JSON tells 1 from 1.0 and from true."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_has_the_findings_it_shows(file: KitFile, workspace: Workspace) -> None:
    found = diagnostics(workspace, file.name)
    assert mismatches(Source(file.name, file.text), found) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_formatting_a_file_keeps_its_meaning(file: KitFile) -> None:
    good = format_source(Source(file.name, file.text))
    assert format_source(Source(file.name, good)) == good
    assert tree(good) == tree(file.text)


def tree(text: str) -> str:
    return sexpr(parse(Source("t.wf", text)).file)


def test_each_sentence_is_shown_and_each_file_shows_one() -> None:
    known = sentences()
    shown = [id for file in FILES for id in file.sentences if file.cases or file.findings]
    assert sorted(set(known) - set(shown)) == [], "no file shows these"
    assert sorted(set(shown) - set(known)) == [], "table.md does not have these"
    shared = [file.name for file in FILES if not file.sentences]
    assert [name for name in shared if not name.startswith("actions/")] == []


def test_each_function_has_a_sentence() -> None:
    assert {id.removeprefix("6.f.") for id in sentences()} >= set(FUNCTIONS)


def test_no_name_is_defined_in_two_files(workspace: Workspace) -> None:
    counted = Counter(
        name for file in FILES for name in {entry.name for entry in exported(workspace, file.name)}
    )
    assert [name for name, count in counted.items() if count > 1] == []
