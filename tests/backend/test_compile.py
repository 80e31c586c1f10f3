"""From a definition to its artifact: what is in it, that it is the same each time, what happens to what is refused."""

from __future__ import annotations

import importlib.util
import marshal
import subprocess
import sys
from dataclasses import replace

import pytest

from jcc.backend.dump import dump_bytecode, dump_tasks
from jcc.diagnostics import Severity
from jobcenter.artifact import Input, Output, from_json, to_json
from tests.backend.compiling import compiled, refused, workflow
from tests.conftest import ROOT

WORKFLOW = """\
## Adds up.
workflow w:
	in:
		## how many
		n integer
		list any[]? array(1, -2, object(k: 'v'))
		name string 'x'
		none any null
	out:
		total number
		note string optional
	role:
		boss
		clerk
	wfenv:
		region = 'eu'
		limit = -3
	config:
		max_steps = 500
	wfomap:
		total = v.total
	do:
		eval:
			total = a.n
"""

ACTION = """\
action act:
	in:
		n number
	out:
		m number
	env:
		client string null
	role:
		worker
	config:
		timeout = '10 minutes'
		retry = {"tries": -1, "interval": "1 minute"}
		retryable = false
		filter = ["n", "_*_"]
"""


def test_a_workflow() -> None:
    definition = compiled(WORKFLOW)
    assert (definition.kind, definition.name, definition.path) == ("workflow", "w", "w.wf")
    assert definition.inputs == (
        Input("n", "integer", doc="how many"),
        Input("list", "any[]?", True, [1, -2, {"k": "v"}]),
        Input("name", "string", True, "x"),
        Input("none", "any", True, None),
    )
    assert definition.outputs == (Output("total", "number"), Output("note", "string", True))
    assert definition.roles == ("boss", "clerk")
    assert definition.wfenv == {"region": "eu", "limit": -3}
    assert definition.config == {"max_steps": 500}
    assert definition.doc == "Adds up."
    assert definition.program is not None
    assert (definition.program.max_steps, definition.program.max_depth) == (500, 10)


def test_an_action_has_no_program() -> None:
    definition = compiled(ACTION)
    assert (definition.kind, definition.program, definition.module) == ("action", None, None)
    assert definition.environment == (Input("client", "string", True, None),)
    assert definition.config == {
        "timeout": "10 minutes",
        "retry": {"tries": -1, "interval": "1 minute"},
        "retryable": False,
        "filter": ["n", "_*_"],
    }


def test_an_interface_gives_inputs_and_outputs() -> None:
    definition = compiled("action act:\n\tinterface add:\n\tconfig:\n\t\ttimeout = '1 minute'\n")
    assert definition.interface == "add"
    assert [entry.name for entry in definition.inputs] == ["counter", "step"]
    assert definition.inputs[1] == Input("step", "number", True, 1)
    assert [entry.name for entry in definition.outputs] == ["counter"]


def test_the_artifact_survives_its_json() -> None:
    text = (ROOT / "tests/golden/codegen/statements.wf").read_text(encoding="utf-8")
    definition = compiled(text)
    assert from_json(to_json(definition)) == definition


def test_the_bytecode_is_that_of_the_python() -> None:
    module = compiled(WORKFLOW).module
    assert module is not None
    assert module.magic == importlib.util.MAGIC_NUMBER
    code = marshal.loads(module.bytecode)
    assert code.co_filename == "<workflow w>"
    assert "task_2_eval" in dump_bytecode(module)
    with pytest.raises(ValueError, match="another version"):
        dump_bytecode(replace(module, magic=b"1234"))


SCRIPT = """
import sys
sys.path[:0] = [{root!r}]
for extra in sys.argv[1:]:
    __import__(extra)
from jobcenter.artifact import to_json
from tests.backend.compiling import compiled, refused, workflow
sys.stdout.write(to_json(compiled(open({path!r}, encoding="utf-8").read())))
"""


@pytest.mark.parametrize("extras", [[], ["jobcenter.sandbox", "json", "decimal"]])
def test_the_same_source_gives_the_same_bytes_in_any_process(extras: list[str]) -> None:
    path = ROOT / "tests/golden/codegen/statements.wf"
    script = SCRIPT.format(root=str(ROOT), path=str(path))
    command = [sys.executable, "-c", script, *extras]
    made = subprocess.run(command, capture_output=True, check=True, text=True, cwd="/").stdout
    assert made == to_json(compiled(path.read_text(encoding="utf-8")))


def test_a_block_that_cannot_be_translated_gives_no_module() -> None:
    (found,) = refused(workflow("\t\teval:\n\t\t\t[[ import os ]]\n"))
    assert found.severity is Severity.ERROR
    assert found.code.startswith("JCC6")


def test_what_the_sandbox_refuses_is_told_at_its_line() -> None:
    text = workflow("\t\teval:\n\t\t\tx = 1\n\t\t\ty = 'half: \ud800'\n")
    (found,) = refused(text)
    assert text[found.span.start : found.span.end] == "y = 'half: \ud800'"
    assert "surrogate" in found.message


def test_dump_tasks_shows_every_task() -> None:
    program = compiled(WORKFLOW).program
    assert program is not None
    assert dump_tasks(program) == (
        "w: start 1, end 3, max_steps 500, max_depth 10\n"
        "   1  line 2     start  -> 2\n"
        "   2  line 23    eval task_2_eval  -> 3\n"
        "   3  line 20    end end\n"
    )
