"""What people bring from other languages: each mistake is told once, with the way out."""

from __future__ import annotations

import pytest

from jcc.diagnostics import Severity
from jcc.workspace import Workspace, diagnostics

HEAD = """\
workflow w:
	in:
		n	number
		name	string
		items	array
	out:
		x	any
	wfomap:
		<x>
	do:
		eval:
			x = array(a.n, a.name, a.items)
"""
ADD = "action add:\n\tin:\n\t\tcounter\tnumber\n\tout:\n\t\tcounter\tnumber\n"
MAIL = "action mail:\n\tin:\n\t\ttext\tstring\n"
CHILD = "workflow child:\n\tin:\n\t\tn\tnumber\n\tout:\n\t\tr\tnumber\n\twfomap:\n\t\tr = a.n\n"


def told(text: str) -> list[tuple[str, str, str | None]]:
    """The code, the place and the help of each finding that is more than a hint."""
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("child.wf", CHILD)
    workspace.set_text("mail.ac", MAIL)
    workspace.set_text("w.wf", text)
    return [
        (found.code, text[found.span.start : found.span.end], found.help)
        for found in diagnostics(workspace, "w.wf")
        if found.rule.severity is not Severity.HINT
    ]


def in_body(body: str) -> str:
    return HEAD + "".join(f"\t\t{line}\n" for line in body.split("\n"))


@pytest.mark.parametrize(
    ("body", "code", "place", "help"),
    [
        ("for x in a.items:\n\tsleep 1", "JCC130", "for", "are the loops"),
        ("while a.n < 3:\n\tbreak", "JCC130", "break", "ends by its condition"),
        ("if a.n > 3:\n\tpass", "JCC130", "pass", "must do something"),
        ("print('hello')", "JCC130", "print", "jobcenter job show"),
        ("var x = 1", "JCC130", "var", "below an `eval:`"),
        ("if a.n > 3:\n\tsleep 1\nend", "JCC130", "end", "indentation ends"),
        ("add(counter=1)", "JCC130", "add", "`call add:`"),
        ("add(a.n)", "JCC130", "add", "`call add:`"),
        ("throw new Error('no')", "JCC130", "throw", "called `raise_error`"),
        ("- call: add", "JCC120", "-", "without dashes"),
        ("let x = 3", "JCC122", "x = 3", "in the lines below"),
        ("sleep 5;", "JCC122", ";", "an assignment or a declaration only"),
        ("eval:\n\ty = a->n", "JCC129", "-", "read with a `.`"),
        ("eval:\n\ty = a.items[1:3]", "JCC120", ":", "`slice("),
        ("eval:\n\ty = a.items.length", "JCC310", "length", "`length(x)`"),
        ("eval:\n\ty = add(counter=1)", "JCC124", "=", "`call NAME:`"),
        ("wait 5\nsleep 1", "JCC130", "wait", "did you mean `sleep`?"),
        ("sleeep 5\nsleep 1", "JCC130", "sleeep", "did you mean `sleep`?"),
        ("goto here\nlable here", "JCC130", "lable", "did you mean `label`?"),
        ("// a comment", "JCC120", "//", "begins with `#`"),
        ("/* a comment */", "JCC120", "/", "begins with `#`"),
        ("-- a comment", "JCC120", "-", "begins with `#`"),
        ('"""a comment"""', "JCC120", '""', "begins with `#`"),
        ("return v.x", "JCC122", "v.x", "`wfomap:`"),
        ("sleep 5 minutes", "JCC122", "minutes", "'5 minutes'"),
        ("sleep 5min", "JCC105", "5min", "'5 minutes'"),
        ("if a.n > 3 then\n\tsleep 1", "JCC122", "then", "opens the block"),
        ("if a.name is None:\n\tsleep 1", "JCC122", "is None", "`defined(x)`"),
        ("if 'x' in a.name:\n\tsleep 1", "JCC122", "in a.name", "`contains(x, y)`"),
        ("if 'x' not in a.name:\n\tsleep 1", "JCC122", "not in a.name", "`not contains(x, y)`"),
        ("if a.n === 3:\n\tsleep 1", "JCC129", "==", "strings with `eq`"),
        ("if a.n <> 3:\n\tsleep 1", "JCC129", "<", "`ne` for strings"),
        ("if a.name == /abc/:\n\tsleep 1", "JCC129", "==", "`=~` matches"),
        ("try:\n\tsleep 1\ncatch e:\n\tsleep 2", "JCC122", "e", "`e._error`"),
        ("eval:\n\tx = 1 if a.n > 3 else 2", "JCC122", "if a.n > 3 else 2", "statement `if`"),
        ("eval:\n\tx = True", "JCC218", "True", "did you mean `true`?"),
        ("eval:\n\tx = None", "JCC218", "None", "did you mean `null`?"),
        ("if substr('a' + a.name, 1) eq 'b':\n\tsleep 1", "JCC308", "'a'", "`.` joins strings"),
        ("call mail:\n\ttext = 'a' + a.name", "JCC308", "'a'", "`.` joins strings"),
        ("eval:\n\tx = len(a.items)", "JCC209", "len", "did you mean `length`?"),
        ("eval:\n\tx = add(a.n)", "JCC209", "add", "`call add:`"),
        ("eval:\n\tx = a.name.upper()", "JCC122", "()", "`upper(v.name)`"),
        ("eval:\n\tx = a.name.'b'", "JCC310", "'b'", "blanks round the `.`"),
        ("eval:\n\tx++", "JCC120", "+", "`x += 1`"),
        ("call add:\n\tcounter = 1\ninto:\n\tx", "JCC120", "", "`<x>` copies"),
        ("eval:\n\tx = 1 +\n\t\t2", "JCC129", "+", "into parentheses"),
        ("eval:\n\tx = 1 + \\\n\t\t2", "JCC106", "\\", "inside of parentheses"),
        ("map child using a.items:\n\tn = e._v\ninto:\n\tx ,= o.r", "JCC140", "into", "`collect:`"),
    ],
)
def test_a_habit_is_told_once(body: str, code: str, place: str, help: str) -> None:
    ((found, where, way_out),) = told(in_body(body))
    assert (found, where) == (code, place)
    assert way_out is not None
    assert help in way_out


def test_a_prefix_of_a_string() -> None:
    found = told(in_body("eval:\n\tx = f'{a.name}'"))
    assert found[-1][0] == "JCC122"
    assert "no prefixes" in (found[-1][2] or "")


def test_a_switch_is_a_case() -> None:
    body = "switch a.n:\n\tcase 1:\n\t\tsleep 1\n\tdefault:\n\t\tsleep 2"
    rest = [("JCC120", "case"), ("JCC130", "default")]
    found = [(code, place) for code, place, _ in told(in_body(body))]
    assert found == [("JCC130", "switch"), *rest]
    body = body.replace("switch", "case")
    assert [(code, place) for code, place, _ in told(in_body(body))] == rest


def test_a_case_in_a_case_is_none_of_its_arms() -> None:
    body = "case a.n:\n\tcase a.name:\n\twhen 1:\n\t\tsleep 1"
    assert ("JCC120", "case", None) in told(in_body(body))


@pytest.mark.parametrize("type", ["int", "str", "bool", "list", "dict", "float"])
def test_types_of_other_languages(type: str) -> None:
    ((code, place, help),) = told(HEAD.replace("\tnumber", f"\t{type}"))
    assert (code, place) == ("JCC210", type)
    assert help is not None
    assert help.startswith("did you mean `")


@pytest.mark.parametrize("header", ["workflow:", "workflow my-flow:"])
def test_a_name_that_is_missing_or_broken_is_told_of_once(header: str) -> None:
    workspace = Workspace()
    workspace.set_text("w.wf", HEAD.replace("workflow w:", header))
    (found,) = diagnostics(workspace, "w.wf")
    assert found.code in ("JCC120", "JCC127")


def test_def_is_taken_for_a_workflow() -> None:
    ((code, place, help),) = told(HEAD.replace("workflow w:", "function w:"))
    assert (code, place, help) == ("JCC132", "function", "did you mean `workflow`?")


@pytest.mark.parametrize(
    ("body", "braces"),
    [
        ("if (a.n > 3) {\n\tsleep 1\n}", 1),
        ("if (a.n > 3) { # why\n\teval:\n\t\tx = 2\n}  # that is all", 1),
        ("if a.n > 3 {\n\tsleep 1\n} elsif a.n > 2 {\n\tsleep 2\n} else {\n\tsleep 3\n};", 3),
        ("if a.n > 3 {\n\tif a.n > 4 {\n\t\tsleep 1\n\t}\n}\nsleep 2", 2),
        ("try {\n\tcall add {\n\t\tcounter = a.n\n\t}\n} catch {\n\tsleep 2\n}", 3),
        (
            "repeat {\n\tcall add {\n\t\tcounter = a.n\n\t} into {\n\t\t<counter>\n\t}\n} until v.counter",
            3,
        ),
        ("if a.n > 3:\n{\n\tsleep 1\n}\nelse:\n{\n\tsleep 1\n}", 2),
    ],
)
def test_braces_are_no_block(body: str, braces: int) -> None:
    """Each `{` is told of, and nothing else: what stands in the block is read, and its `}` goes with it."""
    found = told(in_body(body))
    assert [(code, place) for code, place, _ in found] == [("JCC120", "{")] * braces
    assert all("no braces" in (help or "") for _, _, help in found)


@pytest.mark.parametrize(
    ("body", "code", "help"),
    [
        ("do {\n\tsleep 1\n} until a.n", "JCC138", "`repeat:`"),
        ("eval:\n\ty = `hello`", "JCC106", "joined by"),
        ("switch (a.n) {\n\tcase 1:\n\t\tsleep 1\n}", "JCC130", "`case`"),
    ],
)
def test_what_is_wrong_first_has_the_way_out(body: str, code: str, help: str) -> None:
    found, _, way_out = told(in_body(body))[0]
    assert found == code
    assert help in (way_out or "")


def test_a_brace_that_closes_nothing_is_told_of() -> None:
    assert [found[:2] for found in told(in_body("if a.n > 3:\n\tsleep 1\n}"))] == [("JCC120", "}")]
    ((code, _, _),) = told(in_body("if a.n > 3\n{\n\tsleep 1\n}"))
    assert code == "JCC121"


def test_a_workflow_in_braces() -> None:
    text = "workflow w {\n\tin {\n\t\tn number\n\t}\n\tdo {\n\t\tsleep a.n\n\t}\n}\n"
    assert [found[:2] for found in told(text)] == [("JCC120", "{")] * 3


def test_a_line_below_a_whole_one_is_not_swallowed() -> None:
    """`>` ends a `<x>` and is an operator, too."""
    found = told(in_body("call add:\n\tcounter = 1\ninto:\n\t<counter>\n\t\ty = 2"))
    assert "JCC111" in [code for code, _, _ in found]
