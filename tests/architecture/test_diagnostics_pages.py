"""Each rule has its page, each page its rule, and the page's examples give exactly the findings they show."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from jcc.diagnostics.registry import RULES
from tests.annotations import check, expectations, mismatches
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "diagnostics"
SECTION = re.compile(r"^## (Example|Instead)", re.M)
FENCE = re.compile(r"^```(jcl|json)(?: ([^\n]+))?\n(.*?)^```", re.M | re.S)


@dataclass(frozen=True)
class Example:
    code: str
    kind: str
    path: str | None
    text: str
    beside: dict[str, str]
    """Files beside it, by their names: what stands in a fence `json NAME.schema.json` of the same section."""


def examples(code: str) -> list[Example]:
    page = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    _, *parts = SECTION.split(page)
    found = []
    for kind, section in zip(parts[::2], parts[1::2], strict=True):
        fences = FENCE.findall(section)
        beside = {path: text for language, path, text in fences if language == "json"}
        path, text = next((path, text) for language, path, text in fences if language == "jcl")
        found.append(Example(code, kind, path or None, text, beside))
    return found


def all_examples() -> list[Example]:
    return [
        example for code in RULES if (FOLDER / f"{code}.md").exists() for example in examples(code)
    ]


def test_each_rule_has_a_page_and_each_page_a_rule() -> None:
    pages = {page.stem for page in FOLDER.glob("JCC*.md")}
    assert pages == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_a_page_names_its_rule_and_shows_it(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code}: {RULES[code].name}\n")
    kinds = [example.kind for example in examples(code)]
    assert "Example" in kinds
    assert "Instead" in kinds


@pytest.mark.parametrize("example", all_examples(), ids=lambda e: f"{e.code}-{e.kind}")
def test_the_examples_give_what_they_show(example: Example) -> None:
    source, found = check(example.text, example.path, example.beside)
    assert mismatches(source, found) == []
    codes = {expectation.code for expectation in expectations(example.text)}
    if example.kind == "Example":
        assert example.code in codes
    else:
        assert not codes
