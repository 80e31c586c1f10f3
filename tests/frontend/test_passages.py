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


HEADERS = (
    ("try:", "catch:"),
    ("if v.two:",),
    ("if v.{name}:", "elsif v.one == 3:", "else:"),
    ("case v.{name}:", "when 1:", "else:"),
    ("while v.{name} < 3:",),
    ("repeat:", "until v.{name}"),
    ("trx:", "catch:"),
)


def blocks(choose: random.Random, depth: int = 0) -> list[str]:
    """Statements, with others in them; the lines of `statement` are two deep."""
    found: list[str] = []
    for _ in range(choose.randrange(2, 7)):
        if depth == 3 or choose.random() < 0.5:
            found.append(
                "\t" * depth + statement(choose).replace("\n\t", "\n" + "\t" * (depth + 1))
            )
            continue
        for header in choose.choice(HEADERS):
            found.append("\t" * (depth + 2) + header.format(name=choose.choice(NAMES)) + "\n")
            if not header.startswith(("until", "case")):
                found += blocks(choose, depth + 1)
    return found


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


@pytest.mark.parametrize("seed", range(6))
def test_edits_in_blocks_within_blocks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some edits leave a part of the statements as they were, but in another kind of block."""
    monkeypatch.setattr(stretches, "LENGTH", 1 + seed % 4)
    choose = random.Random(seed)
    workspace = Workspace(is_edited=lambda path: True)
    lines = "".join(blocks(choose)).splitlines(keepends=True)
    headers = [header for group in HEADERS for header in group]
    for _ in range(40):
        at = choose.randrange(len(lines))
        depth = len(lines[at]) - len(lines[at].lstrip("\t"))
        new = choose.choice((choose.choice(headers), f"sleep v.{choose.choice(NAMES)}", "return"))
        new = "\t" * depth + new.format(name=choose.choice(NAMES)) + "\n"
        before = lines[:]
        lines[at : at + choose.choice((0, 1, 1))] = [new]
        fresh = Workspace()
        for known in (workspace, fresh):
            known.set_text("edited.wf", workflow(lines))
        found = diagnostics(workspace, "edited.wf")
        assert found == diagnostics(fresh, "edited.wf"), workflow(lines)
        assert orders_of(workspace) == orders_of(fresh), workflow(lines)
        assert types_of(workspace) == types_of(fresh), workflow(lines)
        if choose.random() < 0.6:
            lines = before


@pytest.mark.parametrize("around", ["{}", "\t\ttry:\n{}\t\tcatch:\n\t\t\tsleep v.x\n"])
@pytest.mark.parametrize(
    "step",
    [
        "\t\t\teval:\n\t\t\t\tx += 1\n",
        "\t\t\ttry:\n\t\t\t\traise_error v.x\n\t\t\tcatch:\n",
        "\t\t\tif v.x:\n\t\t\t\ttry:\n\t\t\t\t\traise_error v.x\n\t\t\t\tcatch:\n",
    ],
)
def test_a_ring_of_gotos_comes_and_goes(
    step: str, around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LENGTH", 1)
    workspace = Workspace(is_edited=lambda path: True)
    between = "\t\t\teval:\n\t\t\t\tz = v.x\n"
    for ring in ("", between, "", between):
        goes_on = "\t\t\teval:\n\t\t\t\ty = v.x\n" if ring else ""
        text = f"\t\t\tsleep v.x\n{step}\t\t\tlabel l\n{ring}\t\t\tgoto l\n{goes_on}"
        fresh = Workspace()
        for known in (workspace, fresh):
            known.set_text("edited.wf", workflow([around.format(text)]))
        assert diagnostics(workspace, "edited.wf") == diagnostics(fresh, "edited.wf")
        assert types_of(workspace) == types_of(fresh)


@pytest.mark.parametrize(
    "around", ["{}", "\t\ttry:\n{}\t\tcatch:\n\t\t\treturn\n", "\t\tif a.in:\n{}"]
)
def test_a_variable_more_is_seen_only_where_it_is_set(
    around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: set[ast.Node] = set()
    step = Inference._step

    def noted(self: Inference, node: FlowNode, state: State) -> Exits:
        ran.add(node.origin)
        return step(self, node, state)

    monkeypatch.setattr(Inference, "_step", noted)
    monkeypatch.setattr(stretches, "LENGTH", 5)
    lines = [f"\t\t\teval:\n\t\t\t\tx{n} = v.x{n - 1 if n else 0}\n" for n in range(200)]
    workspace = Workspace(is_edited=lambda path: True)
    workspace.set_text("edited.wf", workflow([around.format("".join(lines))]))
    analysed(workspace, "edited.wf")
    ran.clear()
    lines[100] = lines[100].replace("x100", "y")
    workspace.set_text("edited.wf", workflow([around.format("".join(lines))]))
    inferred = analysed(workspace, "edited.wf")[0].model.inferred
    # What was changed, and who reads what is not set any more; the start and the end of the workflow.
    assert len([node for node in ran if isinstance(node, ast.Eval)]) == 2
    assert len(ran) <= 5
    assert isinstance(inferred.states, States)
    assert inferred.states._skipped  # most of it was not even looked at
    ran.clear()
    assert len(inferred.states) == len(inferred.reached) == 202 + ("if" in around)
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
