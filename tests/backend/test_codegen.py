"""What whole workflows become: golden files of the task graph and of the generated module, which must run as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jcc.backend.dump import dump_tasks
from tests.backend.compiling import compiled
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "golden" / "codegen"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.wf")))
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    definition = compiled((FOLDER / f"{name}.wf").read_text(encoding="utf-8"))
    assert definition.program is not None
    assert definition.module is not None
    golden(f"codegen/{name}.tasks", dump_tasks(definition.program))
    golden(f"codegen/{name}.python", definition.module.python)
