"""Python blocks: what they give, and what is said of those that are not allowed."""

from __future__ import annotations

import pytest

from tests.frontend.codeblocks.blocks import START, findings, translated, value_of


def test_the_maps_of_the_examples() -> None:
    assert value_of(" i.counter = a.input ", "in", a={"input": 3}) == {"counter": 3}
    code = "\n\t\t\ti.counter = a.input\n\t\t\ti.step = 3\n\t\t\t"
    assert value_of(code, "in", a={"input": 3}) == {"counter": 3, "step": 3}
    assert value_of(" v.thing = o.counter ", "out", o={"counter": 4}) == {"thing": 4}
    assert value_of(" o.output = v.thing ", "end", v={"thing": 4}) == {"output": 4}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("v.x", 5),
        ("v.none", None),
        ("v.none.deeper", None),
        ("v['x'] + 1", 6),
        ("v.l[-1]", 3),
        ("v.l[9]", None),
        ("v.h['k'].upper()", "TEXT"),
        ("sum(n * 2 for n in v.l)", 12),
        ("[n for n in v.l if n > 1]", [2, 3]),
        ("{k: v.h[k] for k in v.h}", {"k": "text"}),
        ("f'{v.x} and {v.h.k!r:>8}'", "5 and   'text'"),
        ("'a' in v.h", False),
        ("v.x in {5, 6}", True),
        ("upper('x') + trim(' y ')", "Xy"),
        ("len(v.l) == 3 and v.x", 5),
        ("n = v.x\nn += 1\nn", 6),
        ("if v.x > 3:\n  'big'\nelse:\n  'small'", "big"),
        ("if v.x > 9: 'big'", None),
        ("def twice(n):\n  return n * 2\ntwice(v.x)", 10),
        ("for n in v.l:\n  if n > 1:\n    return n", None),
        ("(v.x\n  + 1)", 6),
        ("x = 3; x", 3),
        ("(1, 2)", [1, 2]),
        ("'''one\n  two'''", "one\n  two"),
        ("f'''<{v.x}>\nend'''", "<5>\nend"),
    ],
)
def test_values(code: str, value: object) -> None:
    given = {"x": 5, "l": [1, 2, 3], "h": {"k": "text"}}
    if value is None and "for" in code:
        code += "\nv.none"
        value = 2
    assert value_of(code, v=given) == value


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("v.a.b.c = 1", {"a": {"b": {"c": 1}}}),
        ("v.n = 1\nv.n += 2\nv['n'] *= 5", {"n": 15}),
        ("v.x = v.y = 'same'", {"x": "same", "y": "same"}),
        ("v.x, v.y = 1, 2", {"x": 1, "y": 2}),
        ("v.l = [1]\nv.l.append(2)\nv.l[0] = 0", {"l": [0, 2]}),
        ("v.x = 1\ndel v.x", {}),
        ("v.update({'x': 1})", {"x": 1}),
        ("for n in range(3):\n    v['k' + str(n)] = n", {"k0": 0, "k1": 1, "k2": 2}),
        ("if v.none: return\nv.x = 1", {"x": 1}),
        ("t.x = 2\nv.y = t.x", {"y": 2}),
    ],
)
def test_writing(code: str, after: dict[str, object]) -> None:
    assert value_of(code, "eval") == after


@pytest.mark.parametrize(
    "code",
    [
        "if v.none:\n\t\t\t\tv.x = 1\n\t\t\telse:\n\t\t\t\tv.x = 2\n\t\t\t",
        "\n    if v.none:\n        v.x = 1\n    else:\n        v.x = 2\n",
        "\n\tif v.none:\n        \tv.x = 1\n        else:\n\t\tv.x = 2\n",
        "if v.none is None:\n\t\t\t\tv.x = 2\n",
        "\r\n  v.x = 1\r\n  v.x = 2\r\n",
        "\n  # a comment\n\n      # another\n  v.x = (1\n+ 1)\n",
        "v.x = 2 \\\n\n",
    ],
)
def test_indentation_is_the_block_s_own(code: str) -> None:
    assert value_of(code, "eval") == {"x": 2}


def test_lines_know_where_they_came_from() -> None:
    code = "\n\t\t\ti.text = '''a\n\t\t\tb'''\n\n\t\t\ti.step = 3\n"
    block = translated(code, "in")
    assert block.statements == (r"i.text = 'a\nb'", "i.step = 3")
    assert [code[origin - START :][:6] for origin in block.origins] == ["i.text", "i.step"]
    assert value_of(code, "in") == {"text": "a\nb", "step": 3}


@pytest.mark.parametrize(
    ("code", "role", "found"),
    [
        ("import os", "eval", [("JCC610", "import")]),
        ("from os import path", "eval", [("JCC610", "from")]),
        ("\n  try:\n    v.x = 1\n  except: pass\n", "eval", [("JCC610", "try")]),
        ("class X: pass", "eval", [("JCC610", "class")]),
        ("with v.x: pass", "eval", [("JCC610", "with")]),
        ("raise 1", "eval", [("JCC610", "raise")]),
        ("def f():\n  global q\nf()", "eval", [("JCC610", "global")]),
        ("def f():\n  yield 1\nf()", "eval", [("JCC610", "yield 1")]),
        ("v.x = [*v.l]", "eval", [("JCC610", "*v.l")]),
        ("v.x = {**v.l}", "eval", [("JCC610", "{**v.l}")]),
        ("v.x = {1, 2}", "eval", [("JCC610", "{1, 2}")]),
        ("v.x = b'1'", "eval", [("JCC610", "b'1'")]),
        ("v.x = 1j", "eval", [("JCC610", "1j")]),
        ("v.x: int = 1", "eval", [("JCC610", "v.x: ")]),
        ("v.l[1:] = []", "eval", [("JCC610", "v.l[1:]")]),
        ("v.x = v.f(1)(2)", "eval", [("JCC610", "v.f(1)"), ("JCC613", "f")]),
        ("f'{v.x:{v._y}}'", "value", [("JCC611", "v._y")]),
        ("v.__class__", "value", [("JCC611", "v.__class__")]),
        ("_x = 1; v.x = _x", "eval", [("JCC611", "_x"), ("JCC611", "_x")]),
        ("v.x = uper(v.y)", "eval", [("JCC612", "uper")]),
        ("print(v.x)", "eval", [("JCC612", "print")]),
        ("v.x = null", "eval", [("JCC612", "null")]),
        ("v.x = v.y.uper()", "eval", [("JCC613", "uper")]),
        ("v.x = '{}'.format(1)", "eval", [("JCC613", "format")]),
        ("v = {}", "eval", [("JCC614", "v")]),
        ("for v in a.l: t.x = 1", "eval", [("JCC614", "v")]),
        ("del v", "eval", [("JCC614", "v")]),
        ("op_x = 1; v.x = op_x", "eval", [("JCC615", "op_x")]),
        ("counter = 1", "in", [("JCC616", "counter")]),
        ("a.x = 1", "eval", [("JCC603", "a.x")]),
        ("v.x = 1", "in", [("JCC603", "v.x")]),
        ("v.x = 1; v.y", "value", [("JCC603", "v.x")]),
        ("a.l.append(1)", "eval", [("JCC603", "a.l")]),
        ("i.x = o.y", "in", [("JCC604", "o")]),
        ("v.x = [v for v in a.l]", "eval", []),
        ("v.x = 1 +", "eval", [("JCC602", "")]),
        ("v.x = 'abc", "eval", [("JCC602", "'")]),
        ("v.x = (1", "eval", [("JCC602", "(")]),
        ("if v.x && v.y: v.z = 1", "eval", [("JCC602", "&")]),
        ("break", "eval", [("JCC602", "break")]),
        ("x = 1\nx += 1", "value", [("JCC616", "x"), ("JCC605", "x += 1")]),
        ("  # nothing\n", "value", [("JCC605", "# nothing\n")]),
        ("é = v.ü + 1; v.x = é + ä", "eval", [("JCC612", "ä")]),
        (
            "for q in v.l:\n"
            + "".join("  " * n + "for q in v.l:\n" for n in range(1, 13))
            + "  " * 13
            + "pass",
            "eval",
            [("JCC606", "for q in v.l:\n" + "  " * 13 + "pass")],
        ),
    ],
)
def test_findings(code: str, role: str, found: list[tuple[str, str]]) -> None:
    assert [(each, text) for each, text in findings(code, role)] == found


def test_what_only_compiling_finds() -> None:
    assert [code for code, _ in findings("def f(x, x): return x\nf(1, 2)", "eval")] == ["JCC602"]


@pytest.mark.parametrize(
    ("code", "help"),
    [
        ("v.x = uper(v.y)", "did you mean `upper`?"),
        ("v.x = v.y.upper2()", "did you mean `upper`?"),
        ("v.x = v.l.length()", "it is a function: `length(…)`"),
        ("v.x = v.y eq 'z'", "strings are compared by `==`, `<`, …"),
        ("x = 1", "`v.x = …` sets it in the job"),
        ("v.x = true", "write `True`"),
    ],
)
def test_help(code: str, help: str) -> None:
    (found,) = translated(code, "eval").diagnostics
    assert found.help == help


@pytest.mark.parametrize(
    "code",
    [
        "(" * 1_000 + ")" * 1_000,
        "v" + ".a" * 5_000,
        "-" * 50_000 + "1",
        "not " * 5_000 + "1",
        "1" + "+1" * 5_000,
        "1" + " and 1" * 5_000,
        "'a' " * 5_000,
        "x if x else " * 2_000 + "1",
        "lambda: " * 2_000 + "1",
        "\n".join(" " * n + "if 1:" for n in range(150)),
        "v.x\n" * 40_000,
    ],
)
def test_hostile_sizes_are_findings(code: str) -> None:
    assert {"JCC606", "JCC602"} & {each for each, _ in findings(code)}
