"""What the compiler learned about one definition, beside its tree: side tables keyed by node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jcc.frontend import ast
from jcc.frontend.contracts import name_called
from jcc.frontend.flow import FlowGraph
from jcc.frontend.infer import NOTHING_KNOWN, Known
from jcc.frontend.inferred import Inferred
from jcc.frontend.symbols import Signature
from jcc.frontend.tables import Survey
from jcc.frontend.types import Type

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock


@dataclass(slots=True)
class SemanticModel:
    """`signature` is the definition's own (its interface resolved). `callees` has the
    signatures of those whom it calls, interfaces too, by name; the unknown ones are absent. `survey` sorts what stands in the tree,
    `blocks` has its code blocks translated, `flow` the order of the steps of a workflow, `known` what inference was told,
    `inferred` what it found."""

    definition: ast.Definition
    signature: Signature
    survey: Survey
    blocks: dict[ast.CodeBlock, TranslatedBlock] = field(default_factory=dict)
    callees: Mapping[str, Signature] = field(default_factory=dict)
    flow: FlowGraph | None = None
    known: Known = NOTHING_KNOWN
    inferred: Inferred = field(default_factory=Inferred)

    def callee_of(self, node: ast.Node) -> Signature | None:
        """The signature of whom a statement or branch calls, or of its interface; None where it is unknown."""
        name = name_called(node)
        return None if name is None else self.callees.get(name)

    @property
    def types(self) -> dict[ast.Expression, Type]:
        """The type of every expression, where it stands."""
        return self.inferred.types
