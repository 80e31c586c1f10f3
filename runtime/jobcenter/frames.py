"""The wire between a Maestro and its executor processes: frames over pipes, and the modules that travel in them.

A frame is a kind (one byte), a length, and that many bytes. Standard library only: an executor process imports this.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

HEADER: Final = struct.Struct(">cI")

LOAD: Final = b"L"  # Maestro: a module as JSON; no answer
RUN: Final = b"R"  # Maestro: a line of JSON with what `run_batch` is to know, then the batch
RESULTS: Final = b"A"  # executor: the lines of `Results`
OUT_OF_MEMORY: Final = 3  # executor: its exit status where a batch does not fit into its memory


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A row of `modules_for`: what an executor needs of a workflow. `bytecode` is this Python's, or None."""

    workflow: int
    program: str
    outputs: str
    python: str
    bytecode: bytes | None

    def to_json(self) -> str:
        bytecode = None if self.bytecode is None else self.bytecode.hex()
        return json.dumps({**asdict(self), "bytecode": bytecode})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LoadedModule:
        bytecode = value["bytecode"]
        return cls(**{**value, "bytecode": None if bytecode is None else bytes.fromhex(bytecode)})


def frame(kind: bytes, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body
