"""The words in the editors' grammars are the compiler's: a new statement, section or function is missed here first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from jcc.frontend import ast
from jcc.frontend.codeblocks import language_of
from jcc.frontend.functions import BY_NAME
from jcc.frontend.lexer import tokenize
from jcc.frontend.tokens import (
    CODE,
    CONSTANTS,
    DEFINITIONS,
    FOLLOWERS,
    OPERATOR_WORDS,
    SECTIONS,
    STATEMENTS,
    WORDS,
)
from jcc.source import Source
from tests.editors.neovim import ROOT

EDITORS = ROOT / "editors"
TEXTMATE = EDITORS / "vscode" / "syntaxes" / "jcl.tmLanguage.json"
VIM = EDITORS / "nvim" / "syntax" / "jcl.vim"
VIM_INDENT = EDITORS / "nvim" / "indent" / "jcl.lua"
SUBLIME = EDITORS / "sublime" / "JCL.sublime-syntax"
EMACS = EDITORS / "emacs" / "jcl-mode.el"
KATE = EDITORS / "kate" / "jobcenter.xml"
HEADERS = (STATEMENTS | FOLLOWERS.keys()) - {"goto", "label", "lock", "return", "unlock", "until"}


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


def lists(file: Path) -> list[set[str]]:
    """The words of every alternation `(a|b|c)` in a grammar, whatever the dialect."""
    text = file.read_text(encoding="utf-8").replace("\\", "")
    found = re.findall(r"\(?(?:\?:)?((?:[A-Za-z_]\w*\|)+[A-Za-z_]\w*)", text)
    return [set(each.split("|")) for each in found]


def all_words(file: Path) -> set[str]:
    """All words of a file, also those right behind an escape such as `\\b` or `\\zs`."""
    text = re.sub(r"\\+(?:z[se]|.)", " ", file.read_text(encoding="utf-8"))
    return set().union(*lists(file), words(text))


@pytest.mark.parametrize("file", [TEXTMATE, VIM, SUBLIME, EMACS], ids=lambda file: file.name)
def test_every_word_of_the_language_is_in_the_grammar(file: Path) -> None:
    assert WORDS - {"x", "object"} - all_words(file) == set()


@pytest.mark.parametrize("file", [TEXTMATE, VIM], ids=lambda file: file.name)
def test_the_functions_are_those_of_the_compiler(file: Path) -> None:
    assert set(BY_NAME) in lists(file)


@pytest.mark.parametrize("file", [TEXTMATE, VIM, SUBLIME], ids=lambda file: file.name)
def test_the_constants_and_definitions_are_those_of_the_compiler(file: Path) -> None:
    found = lists(file)
    assert set(CONSTANTS) in found
    assert set(DEFINITIONS) in found
    assert any(set(OPERATOR_WORDS) - {"x"} <= each for each in found)


def textmate(name: str) -> list[str]:
    """The regular expressions of a rule of the TextMate grammar and of those below it."""

    def of(rule: object) -> Iterable[str]:
        if isinstance(rule, dict):
            yield from (rule[key] for key in ("match", "begin") if key in rule)
            for below in rule.values():
                yield from of(below)
        elif isinstance(rule, list):
            for below in rule:
                yield from of(below)

    return list(of(json.loads(TEXTMATE.read_text(encoding="utf-8"))["repository"][name]))


def leading(expressions: list[str]) -> set[str]:
    """The words that lines begin with which these match."""
    heads = [re.match(r"\^(?:\(\[ \\t\]\*\)|\\s\*)\(([\w|]+)\)", each) for each in expressions]
    return {word for head in heads if head for word in head[1].split("|")}


def test_textmate_knows_each_section_and_statement_at_its_place_and_no_other() -> None:
    # `interface NAME:` is a section and a statement.
    assert leading(textmate("sections")) == SECTIONS.keys() - {"interface"}
    assert leading(textmate("statements")) == STATEMENTS | FOLLOWERS.keys()


def vim(*groups: str) -> set[str]:
    """The words that lines begin with which are coloured as one of these groups."""
    text = VIM.read_text(encoding="utf-8")
    found: set[str] = set()
    for group in groups:
        lines = rf"(?m)^syntax (?:match {group} /|region \w+ matchgroup={group} start=/)(.*)$"
        for rest in re.findall(lines, text):
            head = re.match(
                r"\^(?:\\z\(\\s\*\\\)|\\s\*)(?:\\zs)?(?:\\%\(([\w|\\]+?)\\\)|(\w+?)(?:\\|\b))", rest
            )
            if head:
                found |= words((head[1] or head[2]).replace("\\|", " "))
    return found


def test_vim_knows_each_section_and_statement_and_no_other() -> None:
    assert vim("jclDefinition") == set(DEFINITIONS)
    assert vim("jclSection") == SECTIONS.keys() - {"interface"}
    assert (
        vim("jclCall", "jclConditional", "jclLock", "jclStatement") == STATEMENTS | FOLLOWERS.keys()
    )


def test_vim_indents_below_each_header() -> None:
    text = VIM_INDENT.read_text(encoding="utf-8")
    tables = {
        name: words(re.sub(r"--.*", "", body))
        for name, body in re.findall(r"(?s)local ([A-Z]+) = \{(.*?)\n?\}\n", text)
    }
    assert tables["SECTIONS"] == SECTIONS.keys() - {"interface"}
    assert tables["HEADERS"] == HEADERS
    assert set(DEFINITIONS) == tables["DEFINITIONS"]
    rows = dict(re.findall(r'(?m)^  \[?"?(\w+)"?\]? = \{ (.*) \},$', text))
    assert {word: words(row) - {word, "elsif", "when"} for word, row in rows.items()} == {
        word: set(openers) for word, openers in FOLLOWERS.items()
    }


def test_emacs_has_the_compilers_lists() -> None:
    text = EMACS.read_text(encoding="utf-8")
    found = {
        name: set(re.findall(r'"(\w+)"', body))
        for name, body in re.findall(r"(?s)\(defconst jcl-(\w+)\s+'\((.*?)\)\)", text)
    }
    assert found["definitions"] == set(DEFINITIONS)
    assert found["sections"] == SECTIONS.keys() - {"interface"}
    assert found["statements"] == STATEMENTS
    assert found["followers"] == FOLLOWERS.keys()
    assert found["operators"] == (OPERATOR_WORDS | {"not"}) - {"x"}
    assert found["constants"] == CONSTANTS.keys()


def test_kate_has_the_compilers_lists() -> None:
    text = KATE.read_text(encoding="utf-8")
    found = {
        name: set(re.findall(r"<item>(\w+)</item>", body))
        for name, body in re.findall(r'(?s)<list name="(\w+)">(.*?)</list>', text)
    }
    assert found["definitions"] == set(DEFINITIONS)
    assert found["statements"] == {*STATEMENTS, *FOLLOWERS, "using"}
    assert found["operators"] == (OPERATOR_WORDS | {"not"}) - {"x"}
    assert found["constants"] == {*CONSTANTS, "optional", "manual", "inherit"} - {"null"}
    assert SECTIONS.keys() - {"interface"} in lists(KATE)


def code_blocks() -> list[ast.CodeBlock]:
    """All code blocks without a tag in the examples and in the conformance suite."""
    files = sorted(
        file for folder in ("examples", "tests") for file in (ROOT / folder).rglob("*.wf")
    )
    found = []
    for file in files:
        for token in tokenize(Source(file.name, file.read_text(encoding="utf-8"))):
            if token.kind == CODE and token.text.startswith("[["):
                code = token.text[2:-2]
                found.append(ast.CodeBlock(span=token.span, tag="", code=code))
    return found


def test_textmate_takes_a_block_for_perl_where_the_compiler_does() -> None:
    sigils = json.loads(TEXTMATE.read_text(encoding="utf-8"))["repository"]["untagged-block"]
    is_perl = re.compile(sigils["patterns"][0]["begin"].replace(r"(?:\G|^)", ""))
    blocks = code_blocks()
    assert len(blocks) > 20
    for block in blocks:
        language = language_of(block)[0]
        guessed = any(is_perl.match(line) for line in (block.code + "]]").split("\n"))
        assert guessed == (language == "perl"), block.code
