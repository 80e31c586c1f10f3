"""How many lines a second are checked, from text to findings: one long workflow, and many files of 100 lines. Then how the time of
one file grows with its size: the slope is 1.00 where twice the lines take twice the time.

python -m tests.bench.check [LINES]
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from math import log
from time import perf_counter

from jcc.workspace import Workspace, analysed, diagnostics, parsed

SIZES = (1_000, 10_000, 100_000)
RUNS = 2

LIBRARY = """\
action add:
	in:
		counter	number
		step	number	1
	out:
		counter	number
		note	string	optional
"""
HEAD = """\
workflow {name}:
	in:
		input	number
		who	string
	out:
		output	number
	config:
		max_steps = 1000000
	wfomap:
		output = v.thing
	do:
		eval:
			thing = 0
"""
ROUND = """\
		call add:
			counter = v.thing // a.input
			step = 3
		into:
			thing = o.counter
			note{n} = o.note
		if v.thing > {n} and defined(v.note{n}):
			eval:
				msg = 'thing ' . v.thing . ' of ' . a.who . v.note{n}
				part = length(v.msg) * 2 + 1
		else:
			eval:
				part = 0
				msg = upper(a.who)
		while v.part < 10:
			call add:
				counter = v.part + length(v.msg)
			into:
				part = o.counter
"""


def workflow(name: str, lines: int) -> str:
    """A workflow of some `lines` lines, without any finding."""
    rounds = max(1, (lines - HEAD.count("\n")) // ROUND.count("\n"))
    return HEAD.format(name=name) + "".join(ROUND.format(n=n % 60) for n in range(rounds))


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def main(lines: int = 10_000) -> None:
    # As `jcc check` does: nothing that is made here becomes garbage before the end.
    gc.disable()
    figures: dict[str, int] = {}
    for what, texts in (
        ("one file", {"big.wf": workflow("big", lines)}),
        ("many files", {f"w{n}.wf": workflow(f"w{n}", 100) for n in range(lines // 100)}),
    ):
        workspace = Workspace()
        workspace.set_text("add.ac", LIBRARY)
        for path, text in texts.items():
            workspace.set_text(path, text)
        count = sum(text.count("\n") for text in texts.values())
        parse = seconds(lambda w=workspace, t=texts: [parsed(w, path) for path in t])  # type: ignore[misc]
        analyse = seconds(lambda w=workspace, t=texts: [analysed(w, path) for path in t])  # type: ignore[misc]
        found = [d for path in texts for d in diagnostics(workspace, path)]
        if found:
            raise SystemExit(f"the benchmark's workflow has findings: {found[0].message}")
        for stage, spent in (("parse", parse), ("analyse", analyse), ("check", parse + analyse)):
            figures[f"{what}, {stage}"] = round(count / spent)
            print(f"{what}, {stage:10} {count / spent:10,.0f} lines/s")
    slopes = _growth()
    print(
        json.dumps(
            {"bench": "check", "lines": lines, "lines_per_second": figures, "slopes": slopes}
        )
    )


def _growth() -> dict[str, float]:
    """The slopes between the sizes, in a plot with logarithmic axes."""
    slopes: dict[str, float] = {}
    before: tuple[int, float] | None = None
    for size in SIZES:
        text = workflow("big", size)
        count = text.count("\n")
        spent = min(seconds(lambda t=text: _check(t)) for _ in range(RUNS))  # type: ignore[misc]
        slope = ""
        if before is not None:
            grown = log(spent / before[1]) / log(count / before[0])
            slopes[f"{before[0]} to {count}"] = round(grown, 3)
            slope = f", slope {grown:.2f}"
        print(f"{count:7,} lines in {spent * 1000:8.1f} ms, {count / spent:9,.0f} lines/s{slope}")
        before = (count, spent)
    return slopes


def _check(text: str) -> None:
    workspace = Workspace()
    workspace.set_text("add.ac", LIBRARY)
    workspace.set_text("big.wf", text)
    diagnostics(workspace, "big.wf")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
