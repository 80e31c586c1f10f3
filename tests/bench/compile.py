"""How fast a workflow is compiled: lines a second from text to artifact, and where the time goes.

python -m tests.bench.compile [LINES]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from jcc.backend.compile import compile_definition
from jcc.backend.emit_python import emit_module
from jcc.backend.lower import lower_workflow
from jcc.diagnostics import Severity
from jcc.frontend.codeblocks import translate
from jcc.workspace import Workspace, analysed, diagnostics, parsed, source
from jobcenter.sandbox import compile_module

T = TypeVar("T")

ACTION = "action add:\n\tin:\n\t\tcounter number\n\t\tstep number 1\n\tout:\n\t\tcounter number\n"
HEAD = "workflow big:\n\tin:\n\t\tn number\n\tout:\n\t\ttotal number optional\n\tconfig:\n\t\tmax_steps = 100000\n\twfomap:\n\t\t<total>\n\tdo:\n"
ROUND = """\
		call add:
			counter = v.total // a.n
			step = {number} + 1
		into:
			total = o.counter
		if v.total > {number} and v.total % 2 == 0:
			eval:
				total += {number}
				text = 'round ' . {number}
				order.lines.last = v.total * 2 - 1
		else:
			eval:
				seen ,= v.total
"""


def big_workflow(lines: int) -> str:
    """A workflow of some `lines` lines."""
    rounds = (lines - HEAD.count("\n")) // ROUND.count("\n") + 1
    return HEAD + "".join(ROUND.format(number=number) for number in range(rounds))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def main(lines: int = 1200) -> None:
    text = big_workflow(lines)
    count = text.count("\n")
    workspace = Workspace()
    workspace.set_text("add.ac", ACTION)
    workspace.set_text("big.wf", text)
    figures: dict[str, float] = {}
    figures["parse"], _ = timed(lambda: parsed(workspace, "big.wf"))
    figures["analyse"], found = timed(lambda: diagnostics(workspace, "big.wf"))
    errors = [d.message for d in found if d.severity >= Severity.ERROR]
    if errors:
        raise SystemExit(f"the workflow of the benchmark has errors: {errors[:3]}")
    model = analysed(workspace, "big.wf")[0].model
    of_text = source(workspace, "big.wf")
    figures["lower"], graph = timed(lambda: lower_workflow(model.definition, model))
    figures["emit python"], module = timed(lambda: emit_module(graph, of_text, translate))
    figures["sandbox"], _ = timed(lambda: compile_module(module.python, "<workflow big>"))
    whole, _ = timed(lambda: compile_definition(of_text, model.definition, model))
    for stage, seconds in figures.items():
        print(f"{stage:12} {seconds * 1000:8.1f} ms  {count / seconds:10,.0f} lines/s")
    whole += figures["parse"] + figures["analyse"]
    print(f"{'whole':12} {whole * 1000:8.1f} ms  {count / whole:10,.0f} lines/s")
    print(
        json.dumps({"bench": "compile", "lines": count, "lines_per_second": round(count / whole)})
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
