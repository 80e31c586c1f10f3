"""What of the VS Code extension can be told without VS Code: snippets, indentation, the problem matcher, what it declares."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jcc.cli.main import main
from jcc.frontend.parser import parse
from jcc.frontend.tokens import DEFINITIONS, FOLLOWERS, SECTIONS, STATEMENTS
from jcc.source import Source
from jcc_lsp.settings import Settings
from tests.editors.neovim import ROOT

VSCODE = ROOT / "editors" / "vscode"
EXAMPLES = sorted((ROOT / "examples").rglob("*.wf")) + sorted((ROOT / "examples").rglob("*.ac"))


def read(name: str) -> Any:  # JSON
    return json.loads((VSCODE / name).read_text(encoding="utf-8"))


PACKAGE = read("package.json")
SNIPPETS: dict[str, dict[str, Any]] = read("snippets/jcl.json")
INDENTATION = read("language-configuration.json")["indentationRules"]


# -- snippets


def filled(body: list[str]) -> str:
    """A snippet as it stands there when it has been accepted as it is."""
    text = "\n".join(body)
    before = ""
    while text != before:
        before = text
        text = re.sub(r"\$\{(\d+)\|([^,|]*)[^|}]*\|\}", r"\2", text)
        text = re.sub(r"\$\{\w+:([^${}]*)\}", r"\1", text)
    return re.sub(r"\$\{?\w+\}?", "", text)


def indented(text: str, depth: int) -> str:
    return "".join("\t" * depth + line + "\n" for line in text.split("\n"))


BODY = "\t\t\tsleep 1\n"
# What must stand above a snippet that goes on with a statement.
ABOVE = {
    "when": "\t\tcase a.x:\n",
    "elsif": "\t\tif a.x:\n" + BODY,
    "else": "\t\tif a.x:\n" + BODY,
    "callflow": "\t\tsplit:\n",
}


def placed(prefix: str, text: str) -> str:
    """A snippet's text where it belongs, with a statement in each block that it leaves empty."""
    text = re.sub(r"(?m)^(\t*)\t$", r"\1\tsleep 1", text)
    word = prefix.split()[0]
    if word in DEFINITIONS:
        return text + "\n"
    if prefix == "interface section" or word in SECTIONS.keys() - {"interface"}:
        kind = "action" if word == "env" or prefix == "config action" else "workflow"
        return f"{kind} w:\n" + indented(text, 1)
    if word in ("python", "perl"):
        return "workflow w:\n\tdo:\n\t\teval:\n" + indented(text.replace("\n\n", "\nx\n"), 3)
    return (
        "workflow w:\n\tdo:\n"
        + ABOVE.get(word, "")
        + indented(text, 3 if word == "callflow" else 2)
    )


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_good_syntax_where_it_belongs(name: str) -> None:
    snippet = SNIPPETS[name]
    text = placed(snippet["prefix"], filled(snippet["body"]))
    assert [str(found) for found in parse(Source("w.wf", text)).diagnostics] == [], text


def test_each_section_and_statement_has_a_snippet() -> None:
    prefixes = {snippet["prefix"].split()[0] for snippet in SNIPPETS.values()}
    # These are part of the snippets of what they follow.
    parts = FOLLOWERS.keys() - {"when", "elsif", "else"}
    assert {*DEFINITIONS, *SECTIONS, *STATEMENTS, *FOLLOWERS} - parts <= prefixes


# -- indentation


def opens(line: str) -> bool:
    return re.search(INDENTATION["increaseIndentPattern"], line) is not None


def closes(line: str) -> bool:
    return re.search(INDENTATION["decreaseIndentPattern"], line) is not None


def depth(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))


def code_lines(text: str) -> list[str]:
    """The lines outside of code blocks that are no comments."""
    text = re.sub(r"(?s)\[(\w*)\[(.*?)\]\1\]", lambda found: found[0].replace("\n", " "), text)
    return [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_editor_would_indent_the_examples_as_they_are(path: Path) -> None:
    lines = code_lines(path.read_text(encoding="utf-8"))
    for above, line in pairwise(lines):
        proposed = depth(above) + opens(above) - closes(line)
        # A block may end at any line: that is the writer's to say. Nothing may come out deeper than it is.
        assert depth(line) <= proposed, line
        if opens(above) and not closes(line):
            assert depth(line) == proposed, line


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("\tcall add: # why", True),
        ("\tcall 'a: b':", True),
        ("when 'a', b:", True),
        ("if v.x:", True),
        ("do:", True),
        ("sleep:", True),
        ("\tx = 'call:'", False),
        ("# if v.x:", False),
        ("call = object(a:", False),
        ("label again", False),
    ],
)
def test_headers_indent(line: str, wanted: bool) -> None:
    assert opens(line) is wanted


# -- the problem matcher


def test_the_problem_matcher_reads_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jcc.toml").write_text("", encoding="utf-8")
    (tmp_path / "a b.wf").write_text("workflow w:\n\tdo:\n\t\tcall ad:\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main(["check", ".", "--format", "concise"])
    (matcher,) = PACKAGE["contributes"]["problemMatchers"]
    pattern = matcher["pattern"]
    matches = [
        found
        for line in capsys.readouterr().out.splitlines()
        if (found := re.match(pattern["regexp"], line))
    ]
    unknown = next(found for found in matches if found[pattern["code"]] == "JCC201")
    assert unknown[pattern["file"]] == "a b.wf"
    assert (unknown[pattern["line"]], unknown[pattern["column"]]) == ("3", "8")
    assert unknown[pattern["severity"]] == "error"
    assert "`ad`" in unknown[pattern["message"]]


# -- what it declares


def sources() -> str:
    return "".join(
        file.read_text(encoding="utf-8") for file in sorted((VSCODE / "src").glob("*.ts"))
    )


def test_every_command_is_both_declared_and_registered() -> None:
    declared = {command["command"] for command in PACKAGE["contributes"]["commands"]}
    registered = set(re.findall(r'registerCommand\("([\w.]+)"', sources()))
    assert declared == registered - {"jcl.menu"}


def test_every_setting_is_read_or_handed_to_the_server() -> None:
    declared = set(PACKAGE["contributes"]["configuration"]["properties"])
    read_here = {f"jcc.{name}" for name in re.findall(r'get<string>\("([\w.]+)"', sources())}
    for_server = {f"jcc.{camel(field.name)}" for field in fields(Settings)}
    assert declared == read_here | for_server | {"jcc.trace.server"}


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
