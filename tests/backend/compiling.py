"""From JCL text to what the backend makes of it, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping

from jcc.backend import ir
from jcc.backend.compile import compile_definition
from jcc.backend.lower import lower_workflow
from jcc.diagnostics import Diagnostic, Severity
from jcc.workspace import Workspace, analysed, diagnostics, source
from jobcenter.artifact import Definition

CALLEES = """\
action add:
	in:
		counter number
		step number 1
	out:
		counter number

procedure proc:
	in:
		x any null
	out:
		y any optional

workflow child:
	in:
		x any null
	out:
		y any optional
	do:
		return

workflow other:
	in:
		x any null
	out:
		y any optional
	do:
		return
"""


def workflow(do: str, sections: str = "") -> str:
    """A workflow around statements, both indented by the test as it likes (with tabs)."""
    return f"workflow w:\n{sections}\tdo:\n{do}"


def _workspace(text: str) -> Workspace:
    workspace = Workspace()
    workspace.set_text("callees.wf", CALLEES)
    workspace.set_text("w.wf", text)
    errors = [d for d in diagnostics(workspace, "w.wf") if d.severity >= Severity.ERROR]
    assert not errors, [f"{d.code} {d.message}" for d in errors]
    return workspace


def lowered(text: str) -> ir.TaskGraph:
    """The task graph of the first definition of a text without errors."""
    model = analysed(_workspace(text), "w.wf")[0].model
    return lower_workflow(model.definition, model)


def compiled(text: str) -> Definition:
    """The artifact of the first definition of a text without errors, none being added by the backend."""
    workspace = _workspace(text)
    model = analysed(workspace, "w.wf")[0].model
    definition, found = compile_definition(source(workspace, "w.wf"), model.definition, model)
    assert found == (), [f"{d.code} {d.message}" for d in found]
    return definition


def refused(text: str) -> tuple[Diagnostic, ...]:
    """What the backend itself finds in a workflow whose errors nobody has looked for; it makes no module of it."""
    workspace = Workspace()
    workspace.set_text("w.wf", text)
    model = analysed(workspace, "w.wf")[0].model
    definition, found = compile_definition(source(workspace, "w.wf"), model.definition, model)
    assert definition.program is not None
    assert definition.module is None
    return found


def definitions(texts: Mapping[str, str]) -> list[Definition]:
    """All definitions of these files (by name, without `.wf`), compiled; nobody looks for their errors."""
    workspace = Workspace()
    for name, text in texts.items():
        workspace.set_text(f"{name}.wf", text)
    made = []
    for path in workspace.paths:
        for analysis in analysed(workspace, path):
            model = analysis.model
            definition, found = compile_definition(source(workspace, path), model.definition, model)
            assert found == ()
            made.append(definition)
    return made
