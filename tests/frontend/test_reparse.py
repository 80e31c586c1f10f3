"""A text that is edited over and over is known as well as one that is read for the first time: its tokens, lines, tree, types and
findings."""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any

import pytest

from jcc.frontend import ast, stretches
from jcc.frontend.flow import FlowBuilder, FlowNode
from jcc.frontend.infer import Inference
from jcc.frontend.parser import Parsed, parse
from jcc.frontend.propagate import Exits
from jcc.frontend.reparse import reparse
from jcc.frontend.state import State
from jcc.source import Source
from jcc.workspace import Workspace, analysed, courses, diagnostics
from tests.frontend.edits import OTHERS, TEXTS, edited
from tests.frontend.known import orders_of, types_of

TEXT = TEXTS[0]


def outline(node: Any) -> Any:
    if isinstance(node, ast.Node):
        parts = (outline(getattr(node, field.name)) for field in fields(node))
        return type(node).__name__, *parts
    return tuple(map(outline, node)) if type(node) is tuple else node


def parts_of(parsed: Parsed) -> list[object]:
    tokens = parsed.tokens
    return [
        *(tokens.kinds, tokens.texts, tokens.starts),
        *(parsed.lines, parsed.rules, parsed.layout, parsed.diagnostics),
        outline(parsed.file),
    ]


def statements_of(parsed: Parsed) -> list[ast.Statement]:
    return [reading.statement for reading in parsed.readings if reading is not None]


def test_what_an_edit_does_not_touch_stays_what_it_was() -> None:
    before = reparse(None, Source("", TEXT))
    statements = statements_of(before)
    at = TEXT.index("mixed = v.total")
    places = {statement: statement.span for statement in statements}
    after = reparse(before, Source("", f"{TEXT[:at]}x{TEXT[at:]}"))
    kept = set(statements) & set(statements_of(after))
    assert len(kept) == len(statements) - 2  # not the `eval` and the `while` around it
    for statement in kept:
        start, end = places[statement]
        by = 1 if start > at else 0
        assert statement.span == (start + by, end + by)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[ast.Node]:
    """The steps that inference runs from now on, by what they come from."""
    origins: list[ast.Node] = []
    step = Inference._step

    def counted(self: Inference, node: FlowNode, state: State) -> Exits:
        origins.append(node.origin)
        return step(self, node, state)

    monkeypatch.setattr(Inference, "_step", counted)
    return origins


def test_only_the_steps_that_see_a_change_run_again(ran: list[ast.Node]) -> None:
    lines = [f"\t\teval:\n\t\t\tx{n} = {n}\n" for n in range(100)]
    lines += ["\t\teval:\n\t\t\ty = v.x50\n", "\twfomap:\n\t\t<*>\n"]
    workspace = Workspace(is_edited=lambda path: True)
    workspace.set_text("edited.wf", "workflow big:\n\tdo:\n" + "".join(lines))
    analysed(workspace, "edited.wf")
    assert len(ran) > 100
    ran.clear()
    lines[50] = lines[50].replace("= 50", "= 'text'")
    workspace.set_text("edited.wf", "workflow big:\n\tdo:\n" + "".join(lines))
    analysed(workspace, "edited.wf")
    # What was changed, who reads it, and the start and the end of the workflow.
    assert len({origin for origin in ran if not isinstance(origin, ast.Definition)}) == 2


def test_in_a_loop_too_only_the_steps_that_see_a_change_run_again(ran: list[ast.Node]) -> None:
    lines = [f"\t\t\tsleep {n}\n" for n in range(100)]
    workspace = Workspace(is_edited=lambda path: True)
    for value in ("50", "'text'", "51"):
        lines[50] = f"\t\t\teval:\n\t\t\t\tx50 = {value}\n"
        body = "\t\twhile v.x50 eq a.y:\n" + "".join(lines)
        ran.clear()
        workspace.set_text("edited.wf", "workflow big:\n\tdo:\n" + body)
        analysed(workspace, "edited.wf")
    # What was changed, and the condition: each for the first turn, for the others, and for what is told of it.
    assert len([node for node in ran if not isinstance(node, ast.Definition)]) <= 6


ORDERED = """\
workflow w:
	do:
		if v.x > 3:
			eval:
				y = 1
		while v.x:
			try:
				eval:
					x = 2
			catch:
				return
		case v.x:
		when 1, 'a':
			sleep 1
"""


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("y = 1", "y = 1 + 2", True),
        ("v.x > 3", "true", True),
        ("x = 2", "x = 2\n\t\t\t\t\ty = 3", True),
        ("sleep 1", "sleep 12", True),
        ("sleep 1", "return", False),
        ("sleep 1", "sleep 1\n\t\t\tsleep 2", False),
        ("while v.x", "while true", False),
        ("'a'", "'b'", False),
        ("return", "goto on", False),
    ],
)
def test_the_order_of_the_steps_is_kept(old: str, new: str, kept: bool) -> None:
    workspace = Workspace(is_edited=lambda path: True)
    workspace.set_text("edited.wf", ORDERED)
    flow = courses(workspace, "edited.wf")[0].flow
    workspace.set_text("edited.wf", ORDERED.replace(old, new))
    assert (courses(workspace, "edited.wf")[0].flow is flow) == kept
    fresh = Workspace()
    fresh.set_text("edited.wf", ORDERED.replace(old, new))
    assert orders_of(workspace) == orders_of(fresh)


def test_of_the_order_only_what_is_new_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[ast.Statement] = []
    statement = FlowBuilder._statement

    def counted(self: FlowBuilder, node: ast.Statement, *places: Any) -> None:
        laid_out.append(node)
        statement(self, node, *places)

    monkeypatch.setattr(FlowBuilder, "_statement", counted)
    lines = [f"\t\t\tif v.x{n}:\n\t\t\t\treturn\n" for n in range(100)]
    workspace = Workspace(is_edited=lambda path: True)
    for line in ("\t\t\tsleep 1\n", "", "\t\t\tif v.y:\n\t\t\t\tsleep 2\n"):
        laid_out.clear()
        body = "\t\twhile v.x:\n" + "".join([*lines[:50], line, *lines[50:]])
        workspace.set_text("edited.wf", "workflow big:\n\tdo:\n" + body + "\t\tsleep 3\n")
        orders = orders_of(workspace)
        assert laid_out
        fresh = Workspace()
        fresh.set_text("edited.wf", "workflow big:\n\tdo:\n" + body + "\t\tsleep 3\n")
        count = len(laid_out)
        assert orders == orders_of(fresh)
    # The `if` that is new and its neighbours, which it was read with; each with what is in it.
    assert count == 6


def test_the_same_tree_analysed_again() -> None:
    """Another file came, so that another name may have been meant; what `wfomap` copies is still known not to be set."""
    text = "workflow w:\n\tdo:\n\t\tcall prise:\n\twfomap:\n\t\tx = v.x\n\t\t<total>\n"
    workspace = Workspace(is_edited=lambda path: True)
    for path, content in (("w.wf", text), ("price.ac", OTHERS["price.ac"])):
        workspace.set_text(path, content)
        fresh = Workspace()
        for known in workspace.jcl_paths:
            fresh.set_text(known, text if known == "w.wf" else content)
        assert diagnostics(workspace, "w.wf") == diagnostics(fresh, "w.wf")
        copied = analysed(workspace, "w.wf")[0].model.inferred.copied
        assert [name.text for name in copied] == ["total"]


@pytest.mark.parametrize(
    "before", ["", "\n", "# why\n", "#[[ #]]\n", "workflow w:", "\tx = (\n", "\ufeff", "\\\n"]
)
@pytest.mark.parametrize("after", ["", "\n", "## why\nworkflow w:\n", "# why\nx\n", "\r\n\tx"])
def test_short_texts(before: str, after: str) -> None:
    parsed = reparse(reparse(None, Source("", before)), Source("", after))
    assert parts_of(parsed) == parts_of(parse(Source("", after)))


@pytest.mark.parametrize("seed", range(4))
def test_parsing_again_is_parsing(seed: int) -> None:
    choose = random.Random(seed)
    parsed, text = None, TEXT
    for _ in range(150):
        source = Source("", text)
        parsed = reparse(parsed, source)
        assert parts_of(parsed) == parts_of(parse(source)), text
        text = edited(choose, text)


@pytest.mark.parametrize("seed", range(4))
def test_analysing_again_is_analysing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "LENGTH", 1 + seed)  # the texts are short
    choose = random.Random(seed)
    workspace, others, text = Workspace(is_edited=lambda path: True), dict(OTHERS), TEXT
    for _ in range(150):
        if choose.random() < 0.1:
            name = choose.choice(list(others))
            others[name] = edited(choose, others[name])
        fresh = Workspace()
        for path, content in (*others.items(), ("edited.wf", text)):
            workspace.set_text(path, content)
            fresh.set_text(path, content)
        # Not after every edit is anything asked.
        if choose.random() < 0.9:
            assert diagnostics(workspace, "edited.wf") == diagnostics(fresh, "edited.wf"), text
            assert types_of(workspace) == types_of(fresh), text
            assert orders_of(workspace) == orders_of(fresh), text
        text = edited(choose, text)
