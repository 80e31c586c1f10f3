"""Every case of the corpus gives what it says, and what it says is what Perl says."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jcc.frontend.codeblocks import translate
from jobcenter.sandbox.errors import JclError

DRIVER = Path(__file__).parent / "perl_driver.pl"


def exactly(a: Any, b: Any) -> bool:
    """Equal, and booleans are booleans. Whole floats and integers are one in JSON."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(exactly, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(exactly(a[key], b[key]) for key in a)
    return (
        a == b
        and isinstance(a, bool) == isinstance(b, bool)
        and isinstance(a, str) == isinstance(b, str)
    )


def test_a_case_gives_what_it_says(case: Any, translated: Any) -> None:
    block = translate(translated.block(case.code, "perl"), case.role, "v")
    assert block.language == "perl"
    assert block.diagnostics == ()
    assert len(block.statements) == len(block.origins)
    if case.error is not None:
        with pytest.raises(JclError) as caught:
            translated.run(block, case.role, case.objects)
        assert case.error in caught.value.msg
    else:
        assert exactly(translated.run(block, case.role, case.objects), case.expected)


def test_the_corpus_is_large(corpus: list[Any]) -> None:
    assert len(corpus) >= 150
    assert len({case.name for case in corpus}) == len(corpus)


def as_perl(value: Any) -> Any:
    """What stays of a value between Perl, where `1`, `'1'` and true are one, and JSON."""
    match value:
        case bool():
            return "1" if value else ""
        case int() | float():
            return f"{value:.15g}"
        case list():
            return [as_perl(item) for item in value]
        case dict():
            return {key: as_perl(item) for key, item in value.items()}
        case str():
            try:
                number = float(value)
            except ValueError:
                return value
            return f"{number:.15g}" if math.isfinite(number) else value
    return value


def false_is_zero(value: Any) -> Any:
    match value:
        case list():
            return [false_is_zero(item) for item in value]
        case dict():
            return {key: false_is_zero(item) for key, item in value.items()}
    return "0" if value == "" else value


@pytest.mark.skipif(shutil.which("perl") is None, reason="compares with Perl itself")
def test_perl_says_the_same(corpus: list[Any]) -> None:
    asked = [case for case in corpus if case.asks_perl]
    cases = [{"role": case.role, "code": case.code, **case.objects} for case in asked]
    output = subprocess.run(
        ["perl", str(DRIVER)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    wrong: list[str] = []
    for case, answer in zip(asked, json.loads(output.stdout), strict=True):
        if case.error is not None and case.perl is None:
            if case.error not in answer.get("error", ""):
                wrong.append(f"{case.name}: {answer}")
            continue
        expected = case.perl if case.departs else case.expected
        given = as_perl(answer.get("value")), as_perl(expected)
        if "error" in answer or false_is_zero(given[0]) != false_is_zero(given[1]):
            wrong.append(f"{case.name}: Perl gives {answer}, the case says {expected!r}")
    assert wrong == []
