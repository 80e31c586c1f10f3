"""Every case of the corpus gives what it says, and what it says is what Perl says."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jobcenter.sandbox import JclError
from tests.frontend.codeblocks.blocks import exactly, run_translated, translated
from tests.frontend.codeblocks.corpus import Case, read_corpus

DRIVER = Path(__file__).parent / "perl_driver.pl"
CORPUS = read_corpus()


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_case_gives_what_it_says(case: Case) -> None:
    block = translated(case.code, case.role, "perl")
    assert block.language == "perl"
    assert block.diagnostics == ()
    assert len(block.statements) == len(block.origins)
    if case.error is not None:
        with pytest.raises(JclError) as caught:
            run_translated(block, case.role, case.objects)
        assert case.error in caught.value.msg
    else:
        assert exactly(run_translated(block, case.role, case.objects), case.expected)


def test_the_corpus_is_large() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS) >= 150


def as_perl(value: Any) -> Any:
    """What stays of a value where numbers and their texts are one, and where false is both '' and 0."""
    match value:
        case bool():
            return "1" if value else "0"
        case int() | float():
            return f"{value:.15g}"
        case list():
            return [as_perl(item) for item in value]
        case dict():
            return {key: as_perl(item) for key, item in value.items()}
        case str():
            return _as_number(value) or "0"
        case _:
            return value


def _as_number(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:.15g}" if math.isfinite(number) else text


def disagreement(case: Case, answer: dict[str, Any]) -> str | None:
    if case.error is not None and case.perl is None:
        return None if case.error in answer.get("error", "") else f"{case.name}: {answer}"
    expected = case.expected if case.perl is None else case.perl
    if "error" not in answer and as_perl(answer["value"]) == as_perl(expected):
        return None
    return f"{case.name}: Perl gives {answer}, the case says {expected!r}"


@pytest.mark.skipif(shutil.which("perl") is None, reason="compares with Perl itself")
def test_perl_says_the_same() -> None:
    asked = [case for case in CORPUS if case.asks_perl]
    assert len(asked) >= 150
    cases = [{"role": case.role, "code": case.code, **case.objects} for case in asked]
    output = subprocess.run(
        ["perl", str(DRIVER)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    answers = json.loads(output.stdout)
    found = [disagreement(case, answer) for case, answer in zip(asked, answers, strict=True)]
    assert [one for one in found if one is not None] == []
