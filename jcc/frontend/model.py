"""What the compiler learned about one definition, beside its tree: side tables keyed by node."""

from __future__ import annotations

from dataclasses import dataclass, field

from jcc.frontend import ast
from jcc.frontend.codeblocks import TranslatedBlock
from jcc.frontend.flow import FlowGraph
from jcc.frontend.survey import Survey
from jcc.frontend.symbols import Signature
from jcc.frontend.types import Type


@dataclass(slots=True)
class SemanticModel:
    """`signature` is the definition's own (its interface resolved). `callees` maps each node that names a callee
    (CallStatement, Callflow, MapStatement, Detachflow, an InterfaceCall for its interface, and each destination Name of an
    InterfaceCall) to the callee's signature, absent where the name is unknown. `survey` sorts what stands in the tree, `blocks` has its code blocks.

    Of a workflow: `types` holds the type of every expression, `copied` that of every name of a `<x>`; `unset` the paths
    whose first key nothing has set there; `closed` the paths that go through something without keys (the number of the key,
    and what it was to be read from), `absent` those that name a key which the object is known not to have, `blocked` the same of left sides; `appended` the left sides of `,=` that are no array;
    `reached` the steps of `flow` that some path comes to."""

    definition: ast.Definition
    signature: Signature
    survey: Survey
    blocks: dict[ast.CodeBlock, TranslatedBlock] = field(default_factory=dict)
    callees: dict[ast.Node, Signature] = field(default_factory=dict)
    types: dict[ast.Expression, Type] = field(default_factory=dict)
    copied: dict[ast.Name, Type] = field(default_factory=dict)
    unset: set[ast.Path] = field(default_factory=set)
    closed: dict[ast.Path, tuple[int, Type]] = field(default_factory=dict)
    absent: dict[ast.Path, tuple[int, Type]] = field(default_factory=dict)
    blocked: dict[ast.Assign, tuple[int, Type]] = field(default_factory=dict)
    appended: dict[ast.Assign, Type] = field(default_factory=dict)
    flow: FlowGraph | None = None
    reached: set[int] = field(default_factory=set)
