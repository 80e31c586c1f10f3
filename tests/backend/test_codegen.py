"""What whole workflows become: golden files of the task graph and of the generated module, which must run as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jcc.backend.dump import dump_tasks
from tests.backend.compiling import compiled
from tests.backend.running import loaded
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "golden" / "codegen"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.wf")))
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    definition = compiled((FOLDER / f"{name}.wf").read_text(encoding="utf-8"))
    assert definition.program is not None
    assert definition.module is not None
    golden(f"codegen/{name}.tasks", dump_tasks(definition.program))
    golden(f"codegen/{name}.python", definition.module.python)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*.wf")), ids=lambda path: path.stem
)
def test_the_program_names_the_functions_of_the_module(path: Path) -> None:
    definition = compiled(path.read_text(encoding="utf-8"))
    assert definition.program is not None
    assert definition.module is not None
    named = [name for task in definition.program.tasks for name in task.code.values()]
    for task in definition.program.tasks:
        named += [name for branch in task.branches for name in branch.code.values()]
    named += [lock.value for lock in definition.program.locks if lock.value is not None]
    made = loaded(definition.module.python)
    assert {name for name in made if "_block_" not in name} == set(named)
    assert len(set(named)) == len(named)
