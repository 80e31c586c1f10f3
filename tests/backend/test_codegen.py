"""What whole workflows become: golden files of the task graph and of the generated module, which must run as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jcc.backend.dump import dump_tasks
from jobcenter.artifact import Program
from tests.backend.compiling import compiled, definitions
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


def test_programs_name_the_functions_of_their_modules() -> None:
    files = [*(ROOT / "examples").rglob("*.wf"), *(ROOT / "examples").rglob("*.ac")]
    workflows = 0
    for definition in definitions({path.name: path.read_text(encoding="utf-8") for path in files}):
        if definition.program is None or definition.module is None:
            continue
        workflows += 1
        named = list(names_in(definition.program))
        made = [name for name in loaded(definition.module.python) if "_block_" not in name]
        assert sorted(named) == sorted(made)
    assert workflows >= 5


def names_in(program: Program) -> Iterator[str]:
    for task in program.tasks:
        yield from task.code.values()
        for branch in task.branches:
            yield from branch.code.values()
    yield from (lock.value for lock in program.locks if lock.value is not None)
