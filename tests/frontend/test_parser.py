"""Good texts and the trees they give."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jcc.frontend import ast
from jcc.frontend.parser import Parsed, parse
from jcc.source import Source
from tests.frontend.sexpr import sexpr, spans

EXAMPLES = Path(__file__).parents[2] / "examples"


def good(text: str) -> Parsed:
    parsed = parse(Source("t.wf", text))
    assert [f"{found.span} {found.message}" for found in parsed.diagnostics] == []
    return parsed


def definition(text: str) -> ast.Definition:
    (found,) = good(text).file.definitions
    return found


def statements(body: str) -> str:
    """The trees of the statements of a body, which is written without its indentation."""
    text = "workflow w:\n\tdo:\n" + "".join(f"\t\t{line}\n" for line in body.strip().split("\n"))
    (section,) = definition(text).sections
    assert isinstance(section, ast.BodySection)
    return sexpr(section.body.statements)


def value(text: str) -> str:
    """The tree of an expression."""
    found = statements(f"eval:\n\tr = {text}")
    assert found.startswith("Eval(eval, Map(Assign(.r, =, ")
    assert found.endswith(")))")
    return found.removeprefix("Eval(eval, Map(Assign(.r, =, ").removesuffix(")))")


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.[wa][fc]")), ids=lambda path: path.name)
def test_examples(path: Path) -> None:
    assert good(path.read_text()).file.definitions


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("12", "12"),
        ("-3", "-3"),
        ("- 3", "-3"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("0x1F", "31"),
        ("1e3", "1000.0"),
        ("TRUE", "True"),
        ("null", "None"),
        (r"'a\'b\n\t\\ \x \"'", r"""'a\'b\n\t\\ \\x \\"'"""),
        ('"it\'s"', '"it\'s"'),
        ("v.order.lines[0].price", "v.order.lines[0].price"),
        ("v.a[-1]", "v.a[-1]"),
        ("v.list[v.n + 1].'x y'", "v.list[(v.n + 1)].x y"),
        ("v['key'].x", "v['key'].x"),
        ("e.'_error'.msg", "e._error.msg"),
        ("v", "v"),
        ("name", ".name"),
        ("in", ".in"),
        ("[[ 1 + 1 ]]", "[[ 1 + 1 ]]"),
        ("array()", "Call(array)"),
        ("array(1, -2, )", "Call(array, 1 -2)"),
        ("ifdef(o.x)", "Call(ifdef, o.x)"),
        ("object()", "ObjectLiteral()"),
        (
            "object(k: v.a, v: 1, true: 2, 'x', v.b)",
            "ObjectLiteral('k' v.a 'v' 1 'true' 2 'x' v.b)",
        ),
        ("object", ".object"),
        # precedence, tightest first
        ("-2 ** 2", "(- (2 ** 2))"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("2 ** -1", "(2 ** -1)"),
        ("!v.a =~ /x/i", "Match((! v.a), x, i)"),
        ("v.a ~ /b/", "Match(v.a, b)"),
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("'a' x 3 . 'b'", "(('a' x 3) . 'b')"),
        ("1 - 2 + 3 . 4", "(((1 - 2) + 3) . 4)"),
        ("1 + 2 < 3", "((1 + 2) < 3)"),
        ("v.a lt 'b' == true", "((v.a lt 'b') == True)"),
        ("v.a == 1 && v.b ne 'x'", "((v.a == 1) && (v.b ne 'x'))"),
        ("1 || 2 && 3 // 4", "((1 || (2 && 3)) // 4)"),
        ("not v.a // v.b", "(not (v.a // v.b))"),
        ("not v.a and v.b", "((not v.a) and v.b)"),
        ("not not v.a", "(not (not v.a))"),
        ("1 or 2 and 3 xor 4", "((1 or (2 and 3)) xor 4)"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("x x x", "(.x x .x)"),
        ("lt lt lt", "(.lt lt .lt)"),
        ("tostring(v.x).'b'", "(Call(tostring, v.x) . 'b')"),
        ("object(\n\t\t\t\ta: 1, # first\n\n\t\t\t\tb: 2\n\t\t\t)", "ObjectLiteral('a' 1 'b' 2)"),
    ],
)
def test_expressions(text: str, tree: str) -> None:
    assert value(text) == tree


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("counter = 1;", "Assign(.counter, =, 1)"),
        ("v.order.total += 1", "Assign(v.order.total, +=, 1)"),
        ("v = 1", "Assign(.v, =, 1)"),
        ("v[0] = 1", "Assign(v[0], =, 1)"),
        ("'2nd' ||= 1", "Assign(.2nd, ||=, 1)"),
        ("list[0].x ,= 1", "Assign(.list[0].x, ,=, 1)"),
        ("call = 1", "Assign(.call, =, 1)"),
        ("into = 1", "Assign(.into, =, 1)"),
        ("in //= 1", "Assign(.in, //=, 1)"),
        ("<a>", "Copy(a)"),
        ("<a, 'b c'> <not>", "Copy(a b c) Copy(not)"),
        ("<*>", "Copy(True)"),
    ],
)
def test_map_lines(line: str, item: str) -> None:
    assert statements(f"let:\n\t{line}") == f"Eval(let, Map({item}))"


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        ("call add:", "CallStatement(add, Map())"),
        (
            "call 'x y':\n\ta = 1\ninto:\n\tb = o.c",
            "CallStatement(x y, Map(Assign(.a, =, 1)), Map(Assign(.b, =, o.c)))",
        ),
        ("call a.b:\n\t[[ i.x = 1 ]]", "CallStatement(a.b, Map([[ i.x = 1 ]]))"),
        ("call a:\n[[\ni.x = 1\n]]", "CallStatement(a, Map([[\n\t\ti.x = 1\n\t\t]]))"),
        (
            "if v.a:\n\treturn\nelsif not v.b:\n\treturn\nelse:\n\treturn",
            "If(Arm(v.a, Block(Return())) Arm((not v.b), Block(Return())), Block(Return()))",
        ),
        ("while [[ 1 ]]:\n\treturn", "While([[ 1 ]], Block(Return()))"),
        ("repeat:\n\treturn\nuntil v.a", "Repeat(Block(Return()), v.a)"),
        (
            "case v.a:\nwhen foo, 'b c', 3, -1, true:\n\treturn\nelse:\n\treturn",
            "Case(v.a, When('foo' 'b c' 3 -1 'true', Block(Return())), Block(Return()))",
        ),
        ("case v.a:\n\twhen foo:\n\t\treturn", "Case(v.a, When('foo', Block(Return())))"),
        ("try:\n\treturn\ncatch:\n\treturn", "Try(Block(Return()), Block(Return()))"),
        (
            "split:\n\tcallflow a:\n\t\tx = 1\n\tinto:\n\t\ty = 2\n\tmap b using v.l:",
            "Split(Callflow(a, Map(Assign(.x, =, 1)), Map(Assign(.y, =, 2)))"
            " MapStatement(b, v.l, Map()))",
        ),
        (
            "map using using using:\n\tinput = e._v\ncollect:\n\tout ,= o.x",
            "MapStatement(using, .using, Map(Assign(.input, =, e._v)), Map(Assign(.out, ,=, o.x)))",
        ),
        ("detachflow a:\n\tx = 1", "Detachflow(a, Map(Assign(.x, =, 1)))"),
        (
            "interface sms:\n\tsms.one\n\t'2'\ncall e.x:\n\ta = 1\ninto:\n\tb = 2",
            "InterfaceCall(sms, sms.one 2, e.x, Map(Assign(.a, =, 1)), Map(Assign(.b, =, 2)))",
        ),
        ("assert v.a > 1:\n\t'no ' . v.a", "Assert((v.a > 1), ('no ' . v.a))"),
        ("lock zoneid a.zoneid", "Lock(zoneid, a.zoneid)"),
        ("unlock zoneid [[ 'x' ]]", "Unlock(zoneid, [[ 'x' ]])"),
        ("lock lock lock", "Lock(lock, .lock)"),
        (
            "wait_for_lock foo:\n\tvalue = 'bar'\n\twait = 'no'",
            "WaitForLock(foo, Map(Assign(.value, =, 'bar') Assign(.wait, =, 'no')))",
        ),
        ("subscribe:\n\tname = 'n'", "EventStatement(subscribe, Map(Assign(.name, =, 'n')))"),
        ("unsubscribe:\n\tname = 'n'", "EventStatement(unsubscribe, Map(Assign(.name, =, 'n')))"),
        ("raise_event:\n\tevent = v.e", "EventStatement(raise_event, Map(Assign(.event, =, v.e)))"),
        (
            "wait_for_event:\n\ttimeout = 1\ninto:\n\t<event>",
            "WaitForEvent(Map(Assign(.timeout, =, 1)), Map(Copy(event)))",
        ),
        ("raise_error 'a' . v.b", "RaiseError(('a' . v.b))"),
        ("raise_error:\n\tmsg = 'a'", "RaiseError(Map(Assign(.msg, =, 'a')))"),
        ("sleep '3 days'", "Sleep('3 days')"),
        ("sleep:\n\ttimeout = 3", "Sleep(Map(Assign(.timeout, =, 3)))"),
        ("label again\ngoto again\nreturn", "Label(again) Goto(again) Return()"),
        ("label goto # one\n\n# two\ngoto goto", "Label(goto) Goto(goto)"),
        (
            "if v.a:\n\tif v.b:\n\t\treturn\n\telse:\n\t\treturn",
            "If(Arm(v.a, Block(If(Arm(v.b, Block(Return())), Block(Return())))))",
        ),
    ],
)
def test_statements(body: str, tree: str) -> None:
    assert statements(body) == tree


SECTIONS = """\
workflow "all of it":
in:
	in string
	out order[]? 'x';
	'2nd' number -1
	list array ["a", {"b": [1, true]}]
out:
	optional string optional
	y a.b[]
wfenv:
	a = array(1, object(b: 'c'))
role:
	x.y
	'z'
config:
	max_steps = 10;
locks:
	foo bar
	abc def inherit
	slot _ manual inherit
	zone a.zone inherit manual
wfomap:
	[[ o.x = 1 ]]
do:
	return
"""


def test_sections_may_stand_at_the_depth_of_their_definition() -> None:
    found = definition(SECTIONS)
    assert (found.kind, found.name.text, found.name.quoted) == ("workflow", "all of it", True)
    assert [sexpr(section) for section in found.sections] == [
        "InputSection(in, InputDeclaration(in, TypeReference(string))"
        " InputDeclaration(out, TypeReference(order, [] ?), 'x')"
        " InputDeclaration(2nd, TypeReference(number), -1)"
        " InputDeclaration(list, TypeReference(array),"
        " Call(array, 'a' ObjectLiteral('b' Call(array, 1 True)))))",
        "OutputSection(OutputDeclaration(optional, TypeReference(string), True)"
        " OutputDeclaration(y, TypeReference(a.b, [])))",
        "ConstantSection(wfenv, Constant(a, Call(array, 1 ObjectLiteral('b' 'c'))))",
        "RoleSection(x.y z)",
        "ConstantSection(config, Constant(max_steps, 10))",
        "LocksSection(LockDeclaration(foo, 'bar') LockDeclaration(abc, 'def', True)"
        " LockDeclaration(slot, True, True) LockDeclaration(zone, a.zone, True, True))",
        "OutputMapSection(Map([[ o.x = 1 ]]))",
        "BodySection(Block(Return()))",
    ]


def test_an_inherited_lock_is_not_a_manual_one() -> None:
    section = definition("workflow w:\n\tlocks:\n\t\ta _ manual\n\t\tb c inherit\n").sections[0]
    assert isinstance(section, ast.LocksSection)
    assert [(lock.value, lock.manual, lock.inherit) for lock in section.entries[:1]] == [
        (None, True, False)
    ]
    assert (section.entries[1].manual, section.entries[1].inherit) == (False, True)


def test_documentation() -> None:
    found = definition(
        "## Adds.\n## Twice.\naction add:\n  in:\n    ## The number.\n    a number\n    b number\n"
        "  out:\n    ## The sum.\n    c number\n"
    )
    inputs, outputs = found.sections
    assert isinstance(inputs, ast.InputSection)
    assert isinstance(outputs, ast.OutputSection)
    assert found.doc == "Adds.\nTwice."
    assert [entry.doc for entry in inputs.entries] == ["The number.", ""]
    assert [entry.doc for entry in outputs.entries] == ["The sum."]


def test_a_file_may_hold_several_definitions() -> None:
    file = good("action a:\nprocedure b.c:\n\tinterface a:\n").file
    assert [(found.kind, found.name.text) for found in file.definitions] == [
        ("action", "a"),
        ("procedure", "b.c"),
    ]


def test_line_breaks_of_windows() -> None:
    unix = "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = [[\n1\n]] # c\n"
    assert sexpr(good(unix.replace("\n", "\r\n")).file).replace("\r", "") == sexpr(good(unix).file)


def test_every_span_lies_in_its_parent() -> None:
    for path in EXAMPLES.rglob("*.wf"):
        for node in spans(good(path.read_text()).file):
            for child in spans(node):
                assert node.span.start <= child.span.start <= child.span.end <= node.span.end


def test_spans_cover_what_they_name() -> None:
    text = "workflow w:\n\tdo:\n\t\teval:\n\t\t\tv.a.'b' = (1 + v.c[2]) * f(3) # c\n\t\treturn\n"
    covered = {
        type(node).__name__: text[node.span.start : node.span.end]
        for node in spans(good(text).file)
    }
    assert covered["Assign"] == "v.a.'b' = (1 + v.c[2]) * f(3)"
    assert covered["Call"] == "f(3)"
    assert covered["Index"] == "[2]"
    assert covered["Eval"] == "eval:\n\t\t\tv.a.'b' = (1 + v.c[2]) * f(3)"
    assert covered["Return"] == "return"


def test_trees_of_lines() -> None:
    trees = [
        (line.column, tree) for line, tree in good("action a:\n\tin:\n\t\tx number 1\n").trees()
    ]
    assert [(column, tree.data) for column, tree in trees] == [
        (0, "definition"),
        (8, "section"),
        (16, "input_line"),
    ]
    leaves = trees[2][1].scan_values(lambda leaf: True)
    assert [leaf.text for leaf in leaves] == ["x", "number", "1"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
@pytest.mark.parametrize(("mode", "kept"), [(0o700, True), (0o777, False), (0o770, False)])
def test_tables_are_kept_where_nobody_else_can_write(mode: int, kept: bool, tmp_path: Path) -> None:
    folder = tmp_path / "jobcenter-jcc"
    folder.mkdir()
    folder.chmod(mode)
    program = "from jcc.frontend.grammar import tree_of\ntry:\n\ttree_of('message', [])\nexcept Exception:\n\tpass"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert bool(list(folder.iterdir())) is kept
