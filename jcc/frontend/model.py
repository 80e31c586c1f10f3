"""What the compiler learned about one definition, beside its tree: side tables keyed by node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jcc.frontend import ast
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
    """`signature` is the definition's own (its interface resolved). `callees` maps each node that names a callee
    (CallStatement, Callflow, MapStatement, Detachflow, an InterfaceCall for its interface, and each destination Name of an
    InterfaceCall) to the callee's signature, absent where the name is unknown. `survey` sorts what stands in the tree,
    `blocks` has its code blocks translated, `flow` the order of the steps of a workflow, `known` what inference was told,
    `inferred` what it found."""

    definition: ast.Definition
    signature: Signature
    survey: Survey
    blocks: dict[ast.CodeBlock, TranslatedBlock] = field(default_factory=dict)
    callees: dict[ast.Node, Signature] = field(default_factory=dict)
    flow: FlowGraph | None = None
    known: Known = NOTHING_KNOWN
    inferred: Inferred = field(default_factory=Inferred)

    @property
    def types(self) -> dict[ast.Expression, Type]:
        """The type of every expression, where it stands."""
        return self.inferred.types
