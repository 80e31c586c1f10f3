"""A file of known findings, so that an old project can be strict about what is new.

A finding is known by its file, code and message, not by its line, which moves. The file is JSON: path -> "CODE message" -> how often.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jcc.config import ConfigError
from jcc.diagnostics import Diagnostic
from jcc.diagnostics.render import Finding


@dataclass(frozen=True, slots=True)
class Baseline:
    """`known` has how often each finding of a file is known; the paths are relative to `folder`, that of the baseline's file."""

    folder: Path
    known: Mapping[str, Mapping[str, int]]

    def new_ones(self, path: str | Path, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Of the findings of a file those that are not known."""
        left = Counter(self.known.get(_place(self.folder, path), {}))
        new = []
        for diagnostic in found:
            if left[_identity(diagnostic)] > 0:
                left[_identity(diagnostic)] -= 1
            else:
                new.append(diagnostic)
        return new


def write_baseline(file: Path, found: Sequence[Finding]) -> None:
    """Store the findings as known. Raises OSError."""
    known: dict[str, Counter[str]] = {}
    for finding in found:
        place = _place(file.parent, finding.source.path)
        known.setdefault(place, Counter())[_identity(finding.diagnostic)] += 1
    file.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_baseline(file: Path) -> Baseline:
    """What a file knows. Raises ConfigError where it cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        known = {path: {k: int(n) for k, n in of.items()} for path, of in content.items()}
    except FileNotFoundError:
        raise ConfigError(
            f"there is no baseline {file}: `jcc check --write-baseline {file.name} .` makes one"
        ) from None
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ConfigError(f"{file} is no baseline: {error}") from error
    return Baseline(file.parent, known)


def without_known(file: Path, found: Sequence[Finding]) -> list[Finding]:
    """The findings that the file does not know; those of each source stand together. Raises ConfigError where it cannot be read."""
    baseline = read_baseline(file)
    new = []
    for path, group in groupby(found, key=lambda finding: finding.source.path):
        of_path = list(group)
        diagnostics = baseline.new_ones(path, [finding.diagnostic for finding in of_path])
        kept = {id(diagnostic) for diagnostic in diagnostics}
        new += [finding for finding in of_path if id(finding.diagnostic) in kept]
    return new


def _place(folder: Path, path: str | Path) -> str:
    """A path as the file has it: the same from wherever the compiler is called."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return Path(path).as_posix()


def _identity(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.code} {diagnostic.message}"
