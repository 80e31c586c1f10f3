"""Which language a block is read as."""

from __future__ import annotations

import pytest

from jcc.frontend.codeblocks import language_of
from tests.frontend.codeblocks.blocks import START, code_block, translated

PERL = [
    " $i{counter} = $a{input}; $i{step} = 3; ",
    " @{v{ips}} ",
    " @{$v{ips}} ",
    "%i = %a",
    "%i = (%a, x => 1)",
    "my @l = (1, 2); \\@l",
    "v{thing}",
    '"all of $v{x}"',
    "scalar(@l)",
    "$#l # don't",
    'it("don\'t", $x)',
]
PYTHON = [
    " i.counter = a.input ",
    "v.x % 3",
    "'%s of %d' % (v.x, v.n)",
    "n %i",
    "v['$x']",
    "v.text  # costs $5",
    "'it is $v{x}'",
    "{'a': v.x}",
    "a.list @ v.list",
    "",
]


@pytest.mark.parametrize("code", PERL)
def test_sigils_mean_perl(code: str) -> None:
    assert language_of(code_block(code)) == ("perl", ())


@pytest.mark.parametrize("code", PYTHON)
def test_else_it_is_python(code: str) -> None:
    assert language_of(code_block(code)) == ("python", ())


@pytest.mark.parametrize("code", [*PERL, *PYTHON])
@pytest.mark.parametrize("tag", ["perl", "python"])
def test_the_tag_decides(code: str, tag: str) -> None:
    assert language_of(code_block(code, tag)) == (tag, ())


def test_any_other_tag_is_a_delimiter() -> None:
    assert language_of(code_block("$v{x}", "end_of_it")) == ("perl", ())
    assert language_of(code_block("v.x", "CODE")) == ("python", ())


@pytest.mark.parametrize(
    ("tag", "language"), [("Perl", "perl"), ("py", "python"), ("javascript", "python")]
)
def test_a_language_that_is_none_is_told(tag: str, language: str) -> None:
    (finding,) = translated("v.x = 1", "eval", tag).diagnostics[:1]
    assert finding.code == "JCC601"
    assert tag in finding.message
    assert language in finding.message
    assert finding.span == (START - 1 - len(tag), START - 1)
