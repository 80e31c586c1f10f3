"""What the types pass through unchanged is not gone through; what is known there is the same as if it were."""

from __future__ import annotations

import gc
import random
import weakref

import pytest

from jcc.frontend import ast, stretches
from jcc.frontend.flow import FlowNode
from jcc.frontend.infer import Inference
from jcc.frontend.passages import States
from jcc.frontend.propagate import Exits
from jcc.frontend.state import State
from jcc.workspace import Workspace, analysed, diagnostics
from tests.frontend.known import orders_of, types_of

NAMES = ("one", "two", "three", "four", "five", "sixth")
VALUES = ("1", "'text'", "v.one", "v.two // 3", "null", "array(v.three)", "v.gone")
STATEMENTS = (
    "eval:\n\t{name} = {value}\n",
    "if v.{name}:\n\teval:\n\t\t{other} = {value}\nelse:\n\teval:\n\t\tlog = v.{other}\n",
    "while v.{name} < 3:\n\teval:\n\t\t{name} += 1\n\t\t{other} = {value}\n",
    "repeat:\n\teval:\n\t\t{other} = array({value}, v.{other})\nuntil v.{name}\n",
    "try:\n\traise_error v.{name}\ncatch:\n\teval:\n\t\t{other} = {value}\n",
    "case v.{name}:\nwhen 1:\n\teval:\n\t\t{other} = {value}\nwhen 'text':\n\traise_error 'no'\n",
    "[perl[ $v{{{name}}} = $v{{{other}}}; ]perl]\n",
    "sleep v.{name}\n",
    "label {name}\n",
    "goto {name}\n",
    "if v.{name}:\n\treturn\n",
    "raise_error v.{other}\n",
    "raise_error v.{other\n",
)
PLAIN = 8  # of these statements; the others jump, or are rare


def statement(choose: random.Random) -> str:
    text = choose.choice(STATEMENTS if choose.random() < 0.1 else STATEMENTS[:PLAIN])
    if text.startswith("["):
        text = "eval:\n\t" + text
    name, other = choose.sample(NAMES, 2)
    text = text.replace("{{", "\0").replace("}}", "\1")
    for key, value in (("name", name), ("other", other), ("value", choose.choice(VALUES))):
        text = text.replace("{" + key + "}", value)
    text = text.replace("\0", "{").replace("\1", "}")
    return "".join(f"\t\t{line}\n" for line in text.splitlines())


def workflow(statements: list[str]) -> str:
    return "workflow w:\n\tdo:\n" + "".join(statements) + "\twfomap:\n\t\tx = v.one\n"


@pytest.mark.parametrize("seed", range(6))
def test_edits_in_a_long_workflow(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "LENGTH", 2 + seed)
    choose = random.Random(seed)
    workspace = Workspace(is_edited=lambda path: True)
    statements = [statement(choose) for _ in range(40)]
    for _ in range(80):
        at = choose.randrange(len(statements))
        statements[at : at + choose.choice((0, 1, 1, 1, 2))] = [statement(choose)]
        fresh = Workspace()
        for known in (workspace, fresh):
            known.set_text("edited.wf", workflow(statements))
        found = diagnostics(workspace, "edited.wf")
        assert found == diagnostics(fresh, "edited.wf"), workflow(statements)
        assert orders_of(workspace) == orders_of(fresh), workflow(statements)
        assert types_of(workspace) == types_of(fresh), workflow(statements)


def test_a_variable_more_is_seen_only_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: set[ast.Node] = set()
    step = Inference._step

    def noted(self: Inference, node: FlowNode, state: State) -> Exits:
        ran.add(node.origin)
        return step(self, node, state)

    monkeypatch.setattr(Inference, "_step", noted)
    monkeypatch.setattr(stretches, "LENGTH", 5)
    lines = [f"\t\teval:\n\t\t\tx{n} = v.x{n - 1 if n else 0}\n" for n in range(200)]
    workspace = Workspace(is_edited=lambda path: True)
    workspace.set_text("edited.wf", workflow(lines))
    analysed(workspace, "edited.wf")
    ran.clear()
    lines[100] = lines[100].replace("x100", "y")
    workspace.set_text("edited.wf", workflow(lines))
    inferred = analysed(workspace, "edited.wf")[0].model.inferred
    # What was changed, and who reads what is not set any more; the start and the end of the workflow.
    assert len([node for node in ran if not isinstance(node, ast.Definition)]) == 2
    assert isinstance(inferred.states, States)
    assert inferred.states._skipped  # most of it was not even looked at
    ran.clear()
    assert len(inferred.states) == len(inferred.reached) == 202
    assert not ran


def test_what_is_known_of_an_edited_workflow_goes_with_it() -> None:
    """Without the help of the garbage collector, which in the server seldom looks at everything."""
    edited = True
    workspace = Workspace(is_edited=lambda path: edited)
    lines = [f"\t\teval:\n\t\t\tx{n} = {n}\n" for n in range(100)]
    for value in ("1", "2"):
        lines[50] = f"\t\teval:\n\t\t\tx50 = {value}\n"
        workspace.set_text("edited.wf", workflow(lines))
        analysed(workspace, "edited.wf")
    states = weakref.ref(analysed(workspace, "edited.wf")[0].model.inferred.states)
    assert isinstance(states(), States)
    edited = False
    gc.disable()
    try:
        workspace.set_text("edited.wf", workflow(lines[:50]))
        analysed(workspace, "edited.wf")
        assert states() is None
    finally:
        gc.enable()
