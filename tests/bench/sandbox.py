"""What the sandbox costs: nanoseconds for an operation, a condition, a call of native code, a code block.

python tests/bench/sandbox.py
"""

from __future__ import annotations

import json
from pathlib import Path
from timeit import repeat
from typing import Any

from jobcenter.sandbox import check_storable, compile_module, load_module, run

RESULTS = Path(__file__).parent / "results"
MODULE = """\
def condition(a, e, v):
    return op_or(op_not(op_get(v, 'thing')), lambda: op_lt(op_get(v, 'thing'), 10))

def inputs(a, e, v, i, t):
    op_put(i, op_defined_or(op_get(v, 'thing'), lambda: op_get(a, 'input')), 'counter')
    op_put(i, 3, 'step')

def block_value(a, e, v):
    return v["thing"] < 10

def block_inputs(a, e, v, i, t):
    i["counter"] = v["thing"]
    i["step"] = 3

def block_loop(a, e, v):
    total = 0
    for n in range(1000):
        total += n
    return total
"""
EXPRESSIONS = {
    "op_get": "op_get(v, 'thing')",
    "op_get of three keys": "op_get(v, 'order', 'lines', 0)",
    "op_put": "op_put(i, 1, 'x')",
    "op_put of two keys": "op_put(i, 1, 'o', 'x')",
    "op_add": "op_add(3, 4)",
    "op_add of a string": "op_add('3', 4)",
    "op_join": "op_join('a', 'b')",
    "op_lt": "op_lt(3, 4)",
    "op_eq of strings": "op_eq('a', 'b')",
    "op_str_eq": "op_str_eq('a', 'b')",
    "op_true": "op_true('x')",
    "op_match": "op_match('hello', 'l+', '')",
    "op_lt(op_get(v, 'thing'), 10)": "op_lt(op_get(v, 'thing'), 10)",
    "run of a condition": "run(condition, a, e, v)",
    "run of an input map": "run(inputs, a, e, v, {}, {})",
    "run of a block's condition": "run(block_value, a, e, v)",
    "run of a block's input map": "run(block_inputs, a, e, v, {}, {})",
    "a block's loop of 1000 turns": "run(block_loop, a, e, v)",
    "check_storable": "check_storable(v)",
}


def names() -> dict[str, Any]:
    """What the expressions may name: the module's functions, the operations, and objects of a job."""
    functions = load_module(compile_module(MODULE, "<bench>"))
    return {
        **functions["condition"].__globals__,
        **functions,
        "run": run,
        "check_storable": check_storable,
        "a": {"input": 5},
        "e": {},
        "i": {"o": {}},
        "v": {"thing": 5, "order": {"lines": [1, 2]}, "name": "abc", "done": False},
    }


def main() -> None:
    scope = names()
    figures = {}
    for name, expression in EXPRESSIONS.items():
        count = 1_000 if "loop" in name else 50_000
        seconds = min(repeat(expression, globals=scope, number=count, repeat=3)) / count
        figures[name] = round(seconds * 1e9)
        print(f"{figures[name]:>8,} ns  {name}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "sandbox.json").write_text(json.dumps({"nanoseconds": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
