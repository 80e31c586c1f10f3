"""Options and fixtures of all tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

pytest_plugins = ["tests.database"]

# Nothing in the test suite depends on time.
settings.register_profile("jobcenter", deadline=None)
settings.load_profile("jobcenter")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is now computed into the golden files",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(path below tests/golden, text)`: the file must hold the text; --update-golden writes it instead."""
    update: bool = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        file = ROOT / "tests" / "golden" / name
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
            return
        assert file.exists(), (
            f"{name} is new: run pytest --update-golden and look at what it writes"
        )
        assert text == file.read_text(encoding="utf-8")

    return compare
