"""From lines of the generated Python back to lines of the JCL: for the sandbox's messages and for tracebacks."""

from __future__ import annotations

import re
import traceback
from bisect import bisect_right
from collections.abc import Sequence
from types import TracebackType
from typing import TypeAlias

# Pairs of a Python line and a JCL line, both from 1, sorted.
SourceMap: TypeAlias = Sequence[tuple[int, int]]

_LINE = re.compile(r"\b(line )(\d+)", re.IGNORECASE)


def jcl_line(source_map: SourceMap, python_line: int) -> int | None:
    """The JCL line that a line of Python was made from: its own, or that of the nearest mapped line above."""
    at = bisect_right(source_map, python_line, key=lambda pair: pair[0])
    return source_map[at - 1][1] if at else None


def map_message(source_map: SourceMap, message: str) -> str:
    """A message about the generated Python (`Line 4: …`) as one about the JCL. Lines that are mapped to nothing stay."""

    def mapped(found: re.Match[str]) -> str:
        line = jcl_line(source_map, int(found[2]))
        return found[0] if line is None else f"{found[1]}{line}"

    return _LINE.sub(mapped, message)


def map_traceback(
    source_map: SourceMap, trace: TracebackType | None, filename: str
) -> tuple[int, ...]:
    """The JCL lines of a traceback's frames in the module `filename`, the outermost first."""
    lines = (
        jcl_line(source_map, frame.lineno)
        for frame in traceback.extract_tb(trace)
        if frame.filename == filename and frame.lineno is not None
    )
    return tuple(line for line in lines if line is not None)
