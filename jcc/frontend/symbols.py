"""What one definition shows to the others: its signature. Values, comparable, so that a body's edit changes none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jcc.frontend.ast import Scalar
from jcc.source import Span


@dataclass(frozen=True, slots=True)
class Input:
    """An input (or a value of an action's environment). `type` is as written: `number`, `order[]?`."""

    name: str
    type: str
    required: bool
    default: Scalar | tuple[object, ...] | None
    span: Span
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    type: str
    optional: bool
    span: Span
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """`kind` is `workflow`, `action` or `procedure`.
    `path` and `span` (of the name) say where it is declared; a signature out of a database has an empty path.
    `interface_path` is the file of the interface that inputs and outputs were taken from, where they were."""

    kind: str
    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    environment: tuple[Input, ...]
    path: str
    span: Span
    interface: str | None = None
    doc: str = ""
    interface_path: str | None = None

    @property
    def entries_path(self) -> str:
        """The file that the inputs and outputs are declared in."""
        return self.path if self.interface_path is None else self.interface_path

    def input(self, name: str) -> Input | None:
        return next((entry for entry in self.inputs if entry.name == name), None)

    def output(self, name: str) -> Output | None:
        return next((entry for entry in self.outputs if entry.name == name), None)


Catalog: TypeAlias = Mapping[str, Signature]
