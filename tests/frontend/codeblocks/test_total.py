"""No block is too strange: whatever the text, there are statements, findings and places, and never an exception; and a
block without errors is one that the sandbox takes."""

from __future__ import annotations

import warnings

from hypothesis import given
from hypothesis import strategies as st

from jcc.diagnostics import Severity
from jcc.frontend.codeblocks import PARAMETERS
from jcc.frontend.codeblocks.migrate import migrate_block
from jobcenter.sandbox import compile_module
from tests.frontend.codeblocks.blocks import FILLED, START, code_block, module_of, translated
from tests.frontend.codeblocks.corpus import read_corpus

PERL = [
    "$v{x}",
    "$v{",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "@{$v{l}}",
    "%i",
    "%a",
    "my",
    "$x",
    "@l",
    "$_",
    "=",
    "+",
    "-",
    "*",
    "/",
    "//",
    "||",
    "&&",
    ".",
    "..",
    "x",
    "eq",
    "==",
    "=~",
    "/a(b)/",
    "s/a/b/g",
    "s{",
    "}{",
    "tr/a-z/A-Z/",
    "if",
    "unless",
    "for",
    "foreach",
    "while",
    "(1..3)",
    ";",
    '"a',
    "'b'",
    "q(",
    "qw(a",
    "map{",
    "grep{",
    "sort{",
    "$a",
    "<=>",
    "$b",
    "push@l,",
    "keys",
    "sub",
    "return",
    "next",
    "last",
    "undef",
    "defined",
    "1",
    "2.5",
    "->",
    "=>",
    ",",
    "?",
    ":",
    "!",
    "not",
    "and",
    "or",
    "#",
    "do{",
    "}while",
    "elsif(",
    "else{",
    "\\",
    "$1",
    "$&",
    "print",
    "<<EOT",
    "\\@l",
    "split",
    "join",
    "sprintf('%d',",
    "substr(",
    "die",
    "delete",
    "exists",
    "each",
    "reverse",
    "shift",
    "++",
    "--",
    "**",
    "%",
    "<",
    ">",
    "~",
    "é",
    "/g",
    "$#l",
    "$#{",
    "@$x",
    "%$x",
    "$$x[0]",
    "`ls`",
    "&f(",
    "@_",
    "local",
    "$v->{x}",
    "v{x}",
    "$JCL->upper(",
]
PYTHON = [
    "v.x",
    "a.y",
    "i.z",
    "o",
    "t.q",
    "e",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "+",
    "-",
    "*",
    "/",
    "**",
    "%",
    "==",
    "!=",
    "<",
    "in",
    "not",
    "and",
    "or",
    "if",
    ":",
    "else",
    "elif",
    "for",
    "while",
    "def",
    "lambda",
    "return",
    "pass",
    "break",
    "1",
    "2.5",
    "'s'",
    "f'{v.x}'",
    "'''",
    "f'''",
    "r'''",
    "\\",
    "#",
    ",",
    ";",
    ".",
    "import",
    "class",
    "try:",
    "except:",
    "with",
    "yield",
    "_x",
    "x",
    "y",
    "print(",
    "len(",
    "sum(",
    "[x",
    "None",
    "True",
    "...",
    "b'x'",
    "1j",
    "@",
    "|",
    "&",
    "~",
    ":=",
    "->",
    "async",
    "await",
    "*x",
    "**k",
    "del",
    "global",
    "raise",
    "match",
    "case",
    "é",
    ".append(",
    ".upper(",
    ".__class__",
    "is",
    "+=",
    "//=",
    ">>=",
]
GLUE = st.sampled_from(["", "", " ", "\n", "\n  ", "\t", "\r\n"])
ROLES = st.sampled_from(sorted(PARAMETERS))
CODES = [case.code for case in read_corpus()]


def texts(words: list[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(words), GLUE).map("".join)
    return st.lists(pairs, max_size=25).map("".join)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A case of the corpus with something taken out and something put in."""
    code = draw(st.sampled_from(CODES))
    start = draw(st.integers(0, len(code)))
    end = draw(st.integers(start, min(len(code), start + 6)))
    return code[:start] + draw(st.one_of(st.just(""), st.sampled_from(PERL))) + code[end:]


def check(code: str, role: str, tag: str) -> None:
    block = translated(code, role, tag)
    end = START + len(code)
    assert len(block.statements) == len(block.origins) >= 1
    assert all(START <= origin <= end for origin in block.origins)
    for found in block.diagnostics:
        assert START - 2 - len(tag) <= found.span.start <= found.span.end <= end + 2 + len(tag)
    for use in block.names:
        assert START <= use.span.start <= use.span.end <= end
    if not any(found.severity >= Severity.ERROR for found in block.diagnostics):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile_module(module_of(block, role), "<block>")
        migrate_block(code_block(code, tag), role, FILLED.get(role, ""))


@given(st.text(), ROLES, st.sampled_from(["", "perl", "python"]))
def test_any_text(code: str, role: str, tag: str) -> None:
    check(code, role, tag)


@given(texts(PERL), ROLES)
def test_pieces_of_perl(code: str, role: str) -> None:
    check(code, role, "perl")


@given(texts(PYTHON), ROLES)
def test_pieces_of_python(code: str, role: str) -> None:
    check(code, role, "python")


@given(damaged(), ROLES)
def test_damaged_blocks(code: str, role: str) -> None:
    check(code, role, "perl")
