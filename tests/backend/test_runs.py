"""Compiled workflows run by the engine, in memory: the examples, and every statement in one workflow."""

from __future__ import annotations

from typing import Any

import pytest

from jobcenter.engine.simulator import Simulator
from tests.backend.compiling import CALLEES, definitions
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


def add(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": inputs["counter"] + inputs.get("step", 1)}


def outcome(name: str, arguments: dict[str, Any], **texts: str) -> Any:
    """The output of a job whose only action is `add`; it must not fail."""
    job = Simulator(definitions(texts), {"add": add}).run(name, arguments)
    assert job.state == "finished", job.out
    return job.out


@pytest.mark.parametrize(
    ("name", "arguments", "output"),
    [
        ("calltest", {"input": 123}, {"output": 126}),
        ("calltest_perl", {"input": 123}, {"output": 126}),
        ("calltest_python", {"input": 123}, {"output": 126}),
        ("casetest", {"input": "foo"}, {"counter": 11, "thing": "got foo"}),
        ("casetest", {"input": "baz"}, {"counter": -1, "thing": "got bar or baz"}),
        ("casetest", {"input": "x"}, {"counter": -1, "thing": "dunno what i got: x"}),
        ("whiletest", {"input": 4}, {"output": 10}),
    ],
)
def test_examples(name: str, arguments: dict[str, Any], output: Any) -> None:
    texts = {
        "add": (EXAMPLES / "add.ac").read_text(encoding="utf-8"),
        name: (EXAMPLES / f"{name}.wf").read_text(encoding="utf-8"),
    }
    assert outcome(name, arguments, **texts) == output


def test_every_statement_runs() -> None:
    text = (ROOT / "tests/golden/codegen/statements.wf").read_text(encoding="utf-8")
    assert outcome("statements", {"n": 9, "list": [1, 2]}, callees=CALLEES, statements=text) == {
        "total": 7,
        "who": "other",
    }


def test_code_blocks_run() -> None:
    text = (ROOT / "tests/golden/codegen/blocks.wf").read_text(encoding="utf-8")
    assert outcome("blocks", {"ips": ["a", "", "b"]}, callees=CALLEES, blocks=text) == {"count": 2}


def test_errors_reach_the_handler_and_goto_leaves_the_loop() -> None:
    text = """\
workflow w:
	in:
		n number
	out:
		log array
	wfomap:
		<log>
	do:
		while true:
			try:
				eval:
					n //= a.n
					log ,= 10 / v.n
					n -= 1
			catch:
				eval:
					log ,= e._error.class
				goto done
		label done
"""
    assert outcome("w", {"n": 2}, w=text) == {"log": [5, 10, "normal"]}


def test_an_empty_loop_is_ended_by_the_step_limit() -> None:
    text = "workflow w:\n\tdo:\n\t\tlabel a\n\t\twhile true:\n\t\t\tgoto a\n"
    job = Simulator(definitions({"w": text})).run("w")
    assert job.state == "error"
    assert "max_steps" in str(job.out)
