"""The generated module as a text: its form, its source map, and code blocks inside it."""

from __future__ import annotations

import ast as python_ast
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.backend import ir
from jcc.backend.emit_python import GeneratedModule, emit_module
from jcc.backend.source_map import jcl_line, map_traceback
from jcc.frontend import ast
from jcc.frontend.codeblocks import translate
from jcc.source import Source, Span
from jobcenter.sandbox import JclError
from tests.backend.compiling import compiled, workflow
from tests.backend.running import functions_of, loaded, run
from tests.backend.trees import EVAL_MAPS, copies, map_of, name, path

ODD_LINES = st.text(st.characters(codec=None, exclude_characters="\n"), max_size=8)


def module_of(text: str) -> GeneratedModule:
    module = compiled(text).module
    assert module is not None
    return GeneratedModule(module.python, module.source_map)


def python_line(module: GeneratedModule, text: str) -> int:
    """The only line of the module that is this text."""
    (found,) = (
        number
        for number, line in enumerate(module.python.splitlines(), start=1)
        if line.strip() == text
    )
    return found


def test_statements_stand_below_their_jcl_and_map_to_it() -> None:
    module = module_of(
        workflow(
            "\t\tcall add:\n\t\t\tcounter = a.n   # how many\n\t\t\tstep = -2;\n\t\tif v.x:\n\t\t\treturn\n"
        )
    )
    assert module.python == (
        "# The code of workflow w. Above each statement is the line of JCL that it was made from.\n"
        "\n\n# 3: call add:\n"
        "def task_2_in(a, e, v, i, t):\n"
        "    # 4: counter = a.n   # how many\n"
        "    op_put(i, op_get(a, 'n'), 'counter')\n"
        "    # 5: step = -2;\n"
        "    op_put(i, -2, 'step')\n"
        "\n\ndef task_3_value(a, e, v):\n"
        "    # 6: if v.x:\n"
        "    return op_true(op_get(v, 'x'))\n"
    )
    assert module.source_map == ((5, 3), (7, 4), (9, 5), (12, 6), (14, 6))


def placed(map: ast.Map, lines: itertools.count[int], source: Source) -> ast.Map:
    """The map with each of its assignments on a line of its own."""
    items = []
    for item in map.items:
        assert isinstance(item, ast.Assign)
        start = source.offset(next(lines), 1)
        items.append(
            ast.Assign(
                span=Span(start, start),
                target=item.target,
                op=item.op,
                op_span=item.op_span,
                value=item.value,
            )
        )
    return ast.Map(span=Span(0, 0), items=tuple(items))


@given(st.lists(EVAL_MAPS, min_size=1, max_size=4), st.data())
def test_every_statement_maps_to_its_line(maps: list[ast.Map], data: st.DataObject) -> None:
    count = sum(len(map.items) for map in maps)
    text = "\n".join(data.draw(st.lists(ODD_LINES, min_size=count + 1, max_size=count + 1)))
    source = Source("w.wf", text)
    lines = itertools.count(2)
    works = [ir.Eval(placed(map, lines, source)) for map in maps]
    tasks = [ir.Task(id, Span(0, 0), work, id + 1) for id, work in enumerate(works, start=2)]
    start = ir.Task(1, Span(0, 0), ir.Start(), 2)
    end = ir.Task(len(tasks) + 2, Span(0, 0), ir.End(None))
    module = emit_module(ir.TaskGraph("w", 1, end.id, (start, *tasks, end)), source, translate)
    mapped = dict(module.source_map)
    tree = python_ast.parse(module.python)
    found = []
    for function in tree.body:
        assert isinstance(function, python_ast.FunctionDef)
        assert mapped[function.lineno] == 1
        for statement in function.body:
            found.append(mapped[statement.lineno])
    assert list(dict.fromkeys(found)) == list(range(2, count + 2))


@pytest.mark.parametrize(
    "nasty", ["\t", "\x0c", "\r", "\u2028", "\x85", "\0", "\ud800", "\\", "{}"]
)
def test_any_text_fits_into_a_comment(nasty: str) -> None:
    text = f"# {nasty}\nworkflow w:"
    graph = ir.TaskGraph(
        f"w{nasty}",
        1,
        2,
        (
            ir.Task(1, Span(0, 0), ir.Start(), 2),
            ir.Task(2, Span(0, 0), ir.End(ast.Map(span=Span(0, 0)))),
        ),
    )
    module = emit_module(graph, Source("w.wf", text), translate)
    assert module.python.splitlines()[4].startswith("    # 1: #")
    assert "end" in loaded(module.python)


BLOCKS = """\
workflow w:
	out:
		y any optional
	wfomap:
		[[ o.y = v.y ]]
	do:
		eval:
			[[
			# how many
			total = 0
			for n in a.list:
				total += n

			v.total = total / a.by
			text = \"\"\"two
lines\"\"\"
			v.text = text
			]]
		if [[ v.total > 2 ]]:
			raise_error [[ 'much: ' + str(v.total) ]]
"""


def test_code_blocks_run_and_keep_their_strings() -> None:
    definition = compiled(BLOCKS)
    assert definition.module is not None
    functions = loaded(definition.module.python)
    v: dict[str, object] = {"y": 3}
    run(functions["task_2_eval"], {"list": [1, 2, 3], "by": 2}, {}, v, {})
    assert v == {"y": 3, "total": 3, "text": "two\nlines"}
    assert run(functions["task_3_value"], {}, {}, v) is True
    assert run(functions["task_4_message"], {}, {}, v) == "much: 3.0"  # a division of Python
    o: dict[str, object] = {}
    run(functions["end"], {}, {}, v, o, {})
    assert o == {"y": 3}


@pytest.mark.parametrize("block", ["", " ", "\n", "# nothing", "\n\t\t\t# nothing\n\n\t\t\t"])
def test_a_block_without_statements_does_nothing(block: str) -> None:
    do = f"\t\teval:\n\t\t\t[[{block}]]\n\t\tcall proc:\n\t\t\t[perl[{block}]perl]\n"
    module = module_of(workflow(do))
    functions = loaded(module.python)
    v: dict[str, object] = {}
    run(functions["task_2_eval"], {}, {}, v, {})
    run(functions["task_3_in"], {}, {}, v, v, {})
    assert v == {}
    assert {jcl for _, jcl in module.source_map} <= set(range(3, 11))


def test_comments_in_a_block_do_not_shift_its_lines() -> None:
    module = module_of(
        workflow(
            "\t\teval:\n\t\t\t[[\n\t\t\t# one\n\n\t\t\tv.x = 1  # two\n\t\t\t# three\n"
            "\t\t\tif v.x:\n\t\t\t\t# four\n\t\t\t\tv.y = 2\n\t\t\t# five\n\t\t\t]]\n"
        )
    )
    mapped = dict(module.source_map)
    assert mapped[python_line(module, "v.x = 1  # two")] == 7
    assert mapped[python_line(module, "if v.x:")] == 9
    assert mapped[python_line(module, "v.y = 2")] == 11


def test_errors_in_blocks_and_maps_lead_back_to_the_jcl() -> None:
    module = module_of(BLOCKS)
    function = loaded(module.python)["task_2_eval"]
    with pytest.raises(JclError) as raised:
        run(function, {"list": [1], "by": 0}, {}, {}, {})
    assert raised.value.line is not None
    assert jcl_line(module.source_map, raised.value.line) == 14
    assert map_traceback(module.source_map, raised.tb, "<workflow w>")[-1:] in ((14,), ())
    with pytest.raises(JclError) as raised:
        run(function, {"list": ["x"], "by": 0}, {}, {}, {})
    assert raised.value.line is not None
    assert jcl_line(module.source_map, raised.value.line) == 12


def test_a_broken_tree_is_the_callers_mistake() -> None:
    broken = ast.BrokenExpression(span=Span(0, 0))
    unknown = ast.Call(span=Span(0, 0), function=name("frobnicate"), arguments=())
    for expression in (broken, unknown, path(None, "x")):
        graph = ir.TaskGraph("w", 1, 2, (ir.Task(1, Span(0, 0), ir.Branch(expression), None, {}),))
        with pytest.raises(ir.InternalError):
            emit_module(graph, Source("w.wf", ""), translate)
    with pytest.raises(ir.InternalError, match="nothing to copy from"):
        functions_of(ir.Eval(map_of(copies("x"))))
