"""Changed texts: shown as a difference, or written to their files."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jcc.cli.output import complain
from jcc.project import Project, read_text


def write_changes(project: Project, changed: Mapping[str, str], *, only_show: bool) -> bool:
    """Write the new texts, or only print the differences. False where a file cannot be written, which has been said."""
    for path, text in changed.items():
        if only_show:
            print(difference(path, read_text(Path(path)), text), end="")
            continue
        try:
            replace_file(Path(path), text)
        except OSError as error:
            complain(f"cannot write {path}: {(error.strerror or str(error)).lower()}")
            return False
    return True


def difference(path: str, before: str, after: str) -> str:
    """A unified difference."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), path, path
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all: a crash leaves the old one. Raises OSError."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=target.parent, prefix=".jcc-", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.chmod(file.name, target.stat().st_mode)
            os.replace(file.name, target)
        except OSError:
            os.unlink(file.name)
            raise
