"""Broken texts: each mistake is found once and where it is, and what stands around it keeps its meaning."""

from __future__ import annotations

import pytest

from jcc.frontend import ast
from jcc.frontend.parser import Parsed, parse
from jcc.source import Source
from tests.frontend.sexpr import sexpr


def parsed(text: str) -> Parsed:
    return parse(Source("t.wf", text))


def findings(text: str) -> list[tuple[str, str]]:
    """The code of each finding, and the text it points to."""
    return [
        (found.code, text[found.span.start : found.span.end].replace("\t", "→"))
        for found in parsed(text).diagnostics
    ]


def in_body(body: str) -> str:
    return "workflow w:\n\tdo:\n" + "".join(f"\t\t{line}\n" for line in body.split("\n"))


def body_of(text: str) -> str:
    (definition,) = parsed(text).file.definitions
    return " ".join(
        sexpr(section.body.statements)
        for section in definition.sections
        if isinstance(section, ast.BodySection)
    )


@pytest.mark.parametrize(
    ("line", "found", "item"),
    [
        ("x =", [("JCC129", "=")], "Assign(.x, =, BrokenExpression())"),
        ("x = 1 +", [("JCC129", "+")], "Assign(.x, =, BrokenExpression())"),
        ("x = * 2", [("JCC129", "=")], "Assign(.x, =, BrokenExpression())"),
        ("x = (1 + 2", [("JCC113", "(")], "Assign(.x, =, (1 + 2))"),
        ("x = f(1, (2", [("JCC113", "(")], "Assign(.x, =, Call(f, 1 2))"),
        ("x = 1)", [("JCC114", ")")], "Assign(.x, =, 1)"),
        ("x = v.a] + 1", [("JCC114", "]")], "Assign(.x, =, (v.a + 1))"),
        ("x = 1 < 2 < 3", [("JCC125", "<")], "Assign(.x, =, BrokenExpression())"),
        ("x = 1 == 2 eq 3", [("JCC125", "eq")], "Assign(.x, =, BrokenExpression())"),
        ("x = y = 1", [("JCC124", "=")], "Assign(.x, =, BrokenExpression())"),
        ("x = 1; y = 2;", [("JCC123", "y = 2")], "Assign(.x, =, 1) Assign(.y, =, 2)"),
        ("x = 1 y = 2", [("JCC123", "y = 2")], "Assign(.x, =, 1)"),
        ("<a> x = 1", [("JCC123", "x = 1")], "Copy(a) Assign(.x, =, 1)"),
        ("x = 1 2", [("JCC122", "2")], "Assign(.x, =, 1)"),
        ("x = 12abc", [("JCC105", "12abc")], "Assign(.x, =, BrokenExpression())"),
        ("x = 'abc", [("JCC101", "'abc")], "Assign(.x, =, BrokenExpression())"),
        ("x = 'abc + (", [("JCC101", "'abc + (")], "Assign(.x, =, BrokenExpression())"),
        ("x = $v.a", [("JCC106", "$")], "Assign(.x, =, v.a)"),
        ("x = v.a @@ &&", [("JCC106", "@")], "Assign(.x, =, BrokenExpression())"),
        ("größe = 1", [("JCC107", "größe")], "Assign(.größe, =, 1)"),
        ("x = v.a =~ /b", [("JCC104", "/b")], "Assign(.x, =, BrokenExpression())"),
        ("x = v.a =~ 'b'", [("JCC120", "'b'")], "Assign(.x, =, BrokenExpression())"),
        ("x = [1]", [("JCC120", "[")], "Assign(.x, =, BrokenExpression())"),
        ("x = v.a ? 1 : 2", [("JCC120", "?")], "Assign(.x, =, BrokenExpression())"),
        ("x = v.a && not v.b", [("JCC120", "not")], "Assign(.x, =, BrokenExpression())"),
        ("x = object(a: 1, b)", [("JCC120", ")")], "Assign(.x, =, BrokenExpression())"),
        ("v.a[ = 1", [("JCC113", "[")], "BrokenItem()"),
        ("foo", [("JCC120", "")], "BrokenItem()"),
        ("= 1", [("JCC120", "=")], "BrokenItem()"),
        ("x == 1", [("JCC120", "==")], "BrokenItem()"),
    ],
)
def test_map_lines(line: str, found: list[tuple[str, str]], item: str) -> None:
    text = in_body(f"eval:\n\ta = 1\n\t{line}\n\tz = 2")
    assert findings(text) == found
    assert body_of(text) == (f"Eval(eval, Map(Assign(.a, =, 1) {item} Assign(.z, =, 2)))")


@pytest.mark.parametrize(
    ("body", "found", "tree"),
    [
        ("if v.a\n\treturn", [("JCC121", "")], "If(Arm(v.a, Block(Return())))"),
        ("if v.a then:\n\treturn", [("JCC122", "then")], "If(Arm(v.a, Block(Return())))"),
        ("if v.a: return\n\treturn", [("JCC122", "return")], "If(Arm(v.a, Block(Return())))"),
        (
            "if v.a = 1:\n\treturn",
            [("JCC124", "=")],
            "If(Arm(BrokenExpression(), Block(Return())))",
        ),
        ("if (v.a:\n\treturn", [("JCC113", "(")], "If(Arm(v.a, Block(Return())))"),
        ("if :\n\treturn", [("JCC129", "if")], "If(Arm(BrokenExpression(), Block(Return())))"),
        (
            "if [[ v.a:\n\treturn",
            [("JCC102", "[[")],
            "If(Arm(BrokenExpression(), Block(Return())))",
        ),
        ("if v.a:", [("JCC139", "if")], "If(Arm(v.a, Block()))"),
        ("if v.a", [("JCC121", "")], "If(Arm(v.a, Block()))"),
        (
            "if v.a:\n\treturn\nelse if v.b:\n\treturn",
            [("JCC120", "else if")],
            "If(Arm(v.a, Block(Return())) Arm(v.b, Block(Return())))",
        ),
        (
            "if v.a:\n\treturn\nelif v.b:\n\treturn\nesle:\n\treturn",
            [("JCC130", "elif"), ("JCC130", "esle")],
            "If(Arm(v.a, Block(Return())) Arm(v.b, Block(Return())), Block(Return()))",
        ),
        (
            "if v.a:\n\treturn\n\telse:\n\t\treturn",
            [("JCC143", "else")],
            "If(Arm(v.a, Block(Return())), Block(Return()))",
        ),
        (
            "if v.a:\n\treturn\nelse:\n\treturn\nelse:\n\treturn",
            [("JCC141", "else")],
            "If(Arm(v.a, Block(Return())), Block(Return()))",
        ),
        ("else:\n\treturn", [("JCC140", "else")], "BrokenStatement(Block(Return()))"),
        ("into:\n\tx = 1", [("JCC140", "into")], "BrokenStatement()"),
        ("until v.a", [("JCC140", "until")], "BrokenStatement()"),
        ("whle v.a:\n\treturn", [("JCC130", "whle")], "While(v.a, Block(Return()))"),
        (
            "frobnicate v.a:\n\treturn",
            [("JCC130", "frobnicate")],
            "BrokenStatement(Block(Return()))",
        ),
        (
            "frobnicate:\n\tx = = 1",
            [("JCC130", "frobnicate"), ("JCC129", "=")],
            "BrokenStatement()",
        ),
        ("call:\n\tx = 1", [("JCC127", ":")], "BrokenStatement()"),
        ("call add\n\tx = 1\ninto\n\ty = 1", [("JCC121", ""), ("JCC121", "")], None),
        (
            "call add:\n\tx = 1\n\tinto:\n\ty = 1",
            [("JCC143", "into")],
            "CallStatement(add, Map(Assign(.x, =, 1)), Map(Assign(.y, =, 1)))",
        ),
        (
            "call add:\n\tx = 1\n\tsleep 1\n\ty = 2",
            [("JCC145", "sleep")],
            "CallStatement(add, Map(Assign(.x, =, 1) BrokenItem() Assign(.y, =, 2)))",
        ),
        (
            "x = 1\ny = 2",
            [("JCC144", "x = 1")],
            "Eval(eval, Map(Assign(.x, =, 1) Assign(.y, =, 2)))",
        ),
        ("[[ v.x = 1 ]]", [("JCC120", "[[ v.x = 1 ]]")], "Eval(eval, Map([[ v.x = 1 ]]))"),
        ("eval: x = 1", [("JCC122", "x = 1")], "Eval(eval, Map())"),
        (
            "eval:\n\tx = 1\n\t[[ v.y = 1 ]]",
            [("JCC147", "[[ v.y = 1 ]]")],
            "Eval(eval, Map(Assign(.x, =, 1) BrokenItem()))",
        ),
        ("lock", [("JCC127", "lock")], "BrokenStatement()"),
        ("lock foo", [("JCC129", "foo")], "Lock(foo, BrokenExpression())"),
        ("goto", [("JCC127", "goto")], "BrokenStatement()"),
        ("sleep", [("JCC129", "sleep")], "Sleep(BrokenExpression())"),
        ("return 1", [("JCC122", "1")], "Return()"),
        ("return:", [("JCC122", ":")], "Return()"),
        ("return;", [("JCC122", ";")], "Return()"),
        ("try:\n\treturn", [("JCC142", "try")], "Try(Block(Return()), Block())"),
        (
            "repeat:\n\treturn",
            [("JCC142", "repeat")],
            "Repeat(Block(Return()), BrokenExpression())",
        ),
        ("case v.a:", [("JCC142", "case")], "Case(v.a)"),
        (
            "case v.a:\n\teval:\n\t\tx = 1\n\twhen a:\n\t\treturn",
            [("JCC120", "eval")],
            "Case(v.a, When('a', Block(Return())))",
        ),
        ("case v.a:\nwhen :\n\treturn", [("JCC120", ":")], None),
        ("split:\n\tcall a:\n\tcallflow b:", [("JCC146", "call")], "Split(Callflow(b, Map()))"),
        ("callflow a:", [("JCC148", "callflow")], "CallStatement(a, Map())"),
        ("interface a:\n\tb.c", [("JCC142", "interface")], "BrokenStatement()"),
        ("assert v.a:", [("JCC139", "assert")], "Assert(v.a, BrokenExpression())"),
        ("assert v.a:\n\t'b'\n\t'c'", [("JCC120", "'c'")], "Assert(v.a, 'b')"),
        ("map a v.l:", [("JCC120", "v.l")], "MapStatement(a, v.l, Map())"),
        ("role:\n\tadmin", [("JCC138", "role")], "BrokenStatement()"),
        ("return\n\treturn", [("JCC111", "→→→")], "Return() Return()"),
        (
            "eval:\n\tx = 'a'\n\t\t. 'b'\n\ty = 1",
            [("JCC111", "→→→→")],
            "Eval(eval, Map(Assign(.x, =, 'a') Assign(.y, =, 1)))",
        ),
    ],
)
def test_statements(body: str, found: list[tuple[str, str]], tree: str | None) -> None:
    text = in_body(f"label before\n{body}\nlabel after")
    assert findings(text) == found
    seen = body_of(text)
    assert seen.startswith("Label(before) ")
    assert seen.endswith(" Label(after)")
    if tree is not None:
        assert seen == f"Label(before) {tree} Label(after)"


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ("in:\n\tx", [("JCC120", "")]),
        ("in:\n\tx: number", [("JCC120", ":")]),
        ("in:\n\tx number = 1", [("JCC120", "=")]),
        ("in:\n\tx number foo", [("JCC126", "foo")]),
        ("in:\n\tx number v.a", [("JCC126", "v.a")]),
        ("in:\n\tx number array(1, e.b)", [("JCC126", "e.b")]),
        ("in:\n\tx number 1 2", [("JCC122", "2")]),
        ("in:\n\tx.y number", [("JCC120", "x.y")]),
        ("out:\n\tx number 1", [("JCC122", "1")]),
        ("in:", [("JCC139", "in")]),
        ("in", [("JCC121", "")]),
        (
            "in:\n\tx number\n\t  y number\n      z number",
            [("JCC111", "→→  "), ("JCC112", "→      ")],
        ),
        ("config:\n\tmax_steps 10", [("JCC120", "10")]),
        ("config:\n\tmax_steps += 10", [("JCC120", "+=")]),
        ("confg:\n\ta = 1", [("JCC131", "confg")]),
        ("frob:\n\ta b", [("JCC131", "frob")]),
        ("env:\n\ta string", [("JCC135", "env")]),
        ("in:\n\tx number\nin:\n\ty number", [("JCC134", "in")]),
        ("interface a:\nout:\n\tx number", [("JCC136", "out")]),
        ("interface:", [("JCC127", ":")]),
        ("sleep 1\nsleep 2", [("JCC137", "sleep")]),
        ("do:\nsleep 1\nsleep 2", [("JCC139", "do")]),
        ("123", [("JCC120", "123")]),
    ],
)
def test_sections(sections: str, found: list[tuple[str, str]]) -> None:
    lines = "".join(f"\t{line}\n" for line in sections.split("\n"))
    text = f"workflow w:\n\trole:\n\t\tfirst\n{lines}\tlocks:\n\t\tlast _\n"
    assert findings(text) == found
    (definition,) = parsed(text).file.definitions
    assert isinstance(definition.sections[0], ast.RoleSection)
    assert isinstance(definition.sections[-1], ast.LocksSection)


@pytest.mark.parametrize(
    ("text", "found", "names"),
    [
        ("", [("JCC133", "")], []),
        ("# nothing\n", [("JCC133", "")], []),
        ("foo\nbar\naction a:\n", [("JCC132", "foo")], ["a"]),
        ("in:\n\tx = 1\naction a:\n", [("JCC132", "in:"), ("JCC120", "=")], ["a"]),
        ("actoin a:\n\tin:\n\t\tx number\n", [("JCC132", "actoin")], ["a"]),
        ("action:\n\tin:\n\t\tx number\n", [("JCC127", ":")], [""]),
        ("action a\n\tin:\n\t\tx number\n", [("JCC121", "")], ["a"]),
        ("action 2a:\n", [("JCC105", "2a")], ["2a"]),
        ("action a:\n  action b:\n", [("JCC111", "  ")], ["a", "b"]),
        ("workflow w:\n\tdo:\n\t\tif v.a:\naction b:\n", [("JCC139", "if")], ["w", "b"]),
        ("action a:\n#[[ b\naction c:\n", [("JCC103", "#[[")], ["a", "c"]),
    ],
)
def test_definitions(text: str, found: list[tuple[str, str]], names: list[str]) -> None:
    assert findings(text) == found
    assert [definition.name.text for definition in parsed(text).file.definitions] == names


def test_mixed_indentation_is_told_once_a_block() -> None:
    text = "workflow w:\n\tdo:\n\t\treturn\n                return\n                return\n"
    assert findings(text) == [("JCC110", " " * 16)]
    assert body_of(text) == "Return() Return() Return()"


def test_fixes_mend_what_they_are_for() -> None:
    text = in_body("whle v.a\n\treturn\nif v.a\n\tx = 1\nelse if v.b:\n\treturn;")
    while fixes := [found.fix for found in parsed(text).diagnostics if found.fix]:
        for edit in sorted(fixes[0].edits, reverse=True, key=lambda edit: edit.span):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == in_body(
        "while v.a:\n\treturn\nif v.a:\n\teval:\n\t\tx = 1\nelsif v.b:\n\treturn"
    )
    assert not parsed(text).diagnostics


def test_a_file_has_no_more_findings_than_anybody_reads() -> None:
    found = parsed(in_body("\n".join(["frob"] * 1000))).diagnostics
    assert len(found) == 500
    assert "not shown" in (found[-1].help or "")


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("<a.n>", "`<…>` takes names alone; else write `name = value`"),
        (
            "<n> = a",
            "`<…>` copies by itself: from `v` into inputs, from `o` into variables; else write `name = value`",
        ),
    ],
)
def test_what_a_short_copy_cannot_do_is_told_with_the_long_form(line: str, help: str) -> None:
    (found,) = parsed(in_body(f"call add:\n\t{line}")).diagnostics
    assert found.help == help
