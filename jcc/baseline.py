"""A file of known findings, so that an old project can be strict about what is new.

A finding is known by its file, code and message, not by its line, which moves. The file is JSON: path -> "CODE message" -> how often.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jcc.config import ConfigError
from jcc.diagnostics.render import Finding


def write_baseline(file: Path, found: Sequence[Finding]) -> None:
    """Store the findings as known. Raises OSError."""
    known: dict[str, Counter[str]] = {}
    for finding in found:
        known.setdefault(finding.source.path, Counter())[_identity(finding)] += 1
    file.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def without_known(file: Path, found: Sequence[Finding]) -> list[Finding]:
    """The findings that the file does not know. Raises ConfigError where it cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        known = {path: Counter({k: int(n) for k, n in of.items()}) for path, of in content.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ConfigError(f"{file} is no baseline: {error}") from error
    new = []
    for finding in found:
        left = known.get(finding.source.path, Counter())
        if left[_identity(finding)] > 0:
            left[_identity(finding)] -= 1
        else:
            new.append(finding)
    return new


def _identity(finding: Finding) -> str:
    return f"{finding.diagnostic.code} {finding.diagnostic.message}"
