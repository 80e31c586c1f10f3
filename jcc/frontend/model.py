"""What the compiler learned about one definition, beside its tree: side tables keyed by node."""

from __future__ import annotations

from dataclasses import dataclass, field

from jcc.frontend import ast
from jcc.frontend.symbols import Signature
from jcc.frontend.types import Type


@dataclass(slots=True)
class SemanticModel:
    """`signature` is the definition's own (its interface resolved). `callees` maps each node that names a callee
    (CallStatement, Callflow, MapStatement, Detachflow, and a destination Name of an InterfaceCall) to the callee's
    signature, absent where the name is unknown. `types` holds the type of every expression."""

    definition: ast.Definition
    signature: Signature
    callees: dict[ast.Node, Signature] = field(default_factory=dict)
    types: dict[ast.Expression, Type] = field(default_factory=dict)
