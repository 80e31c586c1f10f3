"""Running a code block: `block(code, v, …)`."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent
from typing import Any

import pytest

from jobcenter.sandbox import compile_module, load_module, run

Block = Callable[..., Any]


@pytest.fixture
def block() -> Block:
    """`block(code, roots)` runs the code as an eval on the roots a, e, v, t, and gives its value. It changes `v`."""

    def run_block(code: str, v: dict[str, Any] | None = None, a: Any = None, e: Any = None) -> Any:
        python = "def task_1_eval(a, e, v, t):\n" + indent(dedent(code), "    ")
        task = load_module(compile_module(python, "<test>"))["task_1_eval"]
        return run(task, a or {}, e or {}, {} if v is None else v, {})

    return run_block
