"""The syntax tree of a JCL file: frozen values with a span each, nothing learned about them later but where they move (`homes`).

Node identity is object identity (`eq=False`), so that side tables (`SemanticModel`) can be keyed by node.
Trivia (blanks, comments) are not here: they live in the token stream. `Broken*` nodes stand where the parser found
no meaning and has already said so; every later stage treats them as unknown and stays silent about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jcc.frontend.homes import movable
from jcc.source import Span

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    span: Span


# -- names and values ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Name(Node):
    """A name as it counts, without its quotes; `span` covers the quotes."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Literal(Node):
    """A number, string, boolean or null."""

    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field(Node):
    """`.name` or `."2nd"` in a path."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Index(Node):
    """`[expression]` in a path."""

    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path(Node):
    """`v.order.lines[0].price`. `root` is one of a e i o t v, or None where none was written (a bare name)."""

    root: str | None
    keys: tuple[Field | Index, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unary(Node):
    """`op` is one of `!` `-` `+` `not`."""

    op: str
    operand: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binary(Node):
    """`op` as written: ** * / % x + - . < > <= >= lt gt le ge == != eq ne && || // and or xor."""

    op: str
    op_span: Span
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match(Node):
    """`subject =~ /pattern/flags` (also written `~`)."""

    subject: Expression
    pattern: str
    flags: str
    pattern_span: Span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Node):
    """A call of a function of the language; `ifdef(x)` and `array(…)` are calls too."""

    function: Name
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectLiteral(Node):
    """`object(key: value, …)` and `object(key, value, …)`; bare-name keys are string literals here."""

    entries: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeBlock(Node):
    """`[[ … ]]` or `[tag[ … ]tag]`. `code` is the text between the brackets, which begins at offset `code_start`.
    `tag` is `python`, `perl`, another tag, or '' for none."""

    tag: str
    code: str

    @property
    def code_start(self) -> int:
        return self.span.start + len(self.tag) + 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrokenExpression(Node):
    pass


Expression: TypeAlias = (
    Literal | Path | Unary | Binary | Match | Call | ObjectLiteral | CodeBlock | BrokenExpression
)


# -- maps ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assign(Node):
    """`target op value`; `op` is one of = .= += -= *= /= //= ||= ,= . A target without a root means the map's
    implicit object. `x = ifdef(e)` is an Assign whose value is a Call of `ifdef`."""

    target: Path
    op: str
    op_span: Span
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Copy(Node):
    """`<x>`, `<x, y>`; `<*>` has no names and `everything` set."""

    names: tuple[Name, ...]
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrokenItem(Node):
    pass


MapItem: TypeAlias = Assign | Copy | BrokenItem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Map(Node):
    """The body of an input map, an output map, `eval`, `wfomap`, …: assignments, or one code block and no items."""

    items: tuple[MapItem, ...] = ()
    block: CodeBlock | None = None


# -- statements ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block(Node):
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallStatement(Node):
    """`call NAME:` … `into:` …"""

    callee: Name
    inputs: Map
    outputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class When(Node):
    labels: tuple[Literal, ...]
    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case(Node):
    subject: Expression
    arms: tuple[When, ...]
    otherwise: Block | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arm(Node):
    """One `if` or `elsif` with its condition."""

    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class If(Node):
    arms: tuple[Arm, ...]
    otherwise: Block | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class While(Node):
    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat(Node):
    body: Block
    until: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Callflow(Node):
    """`callflow NAME:` … `into:` … inside `split:`."""

    callee: Name
    inputs: Map
    outputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapStatement(Node):
    """`map NAME using LIST:` … `collect:` … inside `split:` or alone."""

    callee: Name
    using: Expression
    inputs: Map
    collect: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split(Node):
    branches: tuple[Callflow | MapStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detachflow(Node):
    callee: Name
    inputs: Map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterfaceCall(Node):
    """`interface NAME:` destinations, then `call EXPR:` … `into:` …"""

    interface: Name
    destinations: tuple[Name, ...]
    selector: Expression
    inputs: Map
    outputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Try(Node):
    body: Block
    handler: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assert(Node):
    condition: Expression
    message: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Eval(Node):
    """`keyword` is `eval` or `let`."""

    keyword: str
    map: Map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lock(Node):
    type: Name
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unlock(Node):
    type: Name
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WaitForLock(Node):
    """Inputs `value` and `wait`."""

    type: Name
    inputs: Map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventStatement(Node):
    """`keyword` is `subscribe`, `unsubscribe` or `raise_event`."""

    keyword: str
    inputs: Map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WaitForEvent(Node):
    inputs: Map
    outputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaiseError(Node):
    """`raise_error EXPR` (then `message`), or a block with inputs `msg` and `class` (then `inputs`)."""

    message: Expression | None
    inputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sleep(Node):
    """`sleep EXPR` (then `duration`), or a block with the input `timeout` (then `inputs`)."""

    duration: Expression | None
    inputs: Map | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Label(Node):
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goto(Node):
    label: Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Return(Node):
    pass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrokenStatement(Node):
    """A line with no meaning; what was indented below it is kept, so that it is checked all the same."""

    body: Block | None


Statement: TypeAlias = (
    CallStatement
    | Case
    | If
    | While
    | Repeat
    | Split
    | MapStatement
    | Detachflow
    | InterfaceCall
    | Try
    | Assert
    | Eval
    | Lock
    | Unlock
    | WaitForLock
    | EventStatement
    | WaitForEvent
    | RaiseError
    | Sleep
    | Label
    | Goto
    | Return
    | BrokenStatement
)


# -- sections and definitions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypeReference(Node):
    """`string`, `order[]?`: a name and its suffixes, each `[]` or `?`, in the order written."""

    name: Name
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InputDeclaration(Node):
    """A line of `in:` or `env:`. Without a default it is required."""

    name: Name
    type: TypeReference
    default: Expression | None
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputDeclaration(Node):
    name: Name
    type: TypeReference
    optional: bool
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constant(Node):
    """A line of `wfenv:` or `config:`."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LockDeclaration(Node):
    """`type value [manual] [inherit]`; `value` is None for `_`."""

    type: Name
    value: Expression | None
    manual: bool
    inherit: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterfaceSection(Node):
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InputSection(Node):
    """`in:` or, with `keyword` = `env`, `env:`."""

    keyword: str
    entries: tuple[InputDeclaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputSection(Node):
    entries: tuple[OutputDeclaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConstantSection(Node):
    """`keyword` is `wfenv` or `config`."""

    keyword: str
    entries: tuple[Constant, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoleSection(Node):
    roles: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocksSection(Node):
    entries: tuple[LockDeclaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputMapSection(Node):
    """`wfomap:`"""

    map: Map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodySection(Node):
    """`do:`"""

    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrokenSection(Node):
    pass


Section: TypeAlias = (
    InterfaceSection
    | InputSection
    | OutputSection
    | ConstantSection
    | RoleSection
    | LocksSection
    | OutputMapSection
    | BodySection
    | BrokenSection
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Definition(Node):
    """`kind` is `workflow`, `action` or `procedure`. `header` covers the first line."""

    kind: str
    name: Name
    sections: tuple[Section, ...]
    header: Span
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class File(Node):
    definitions: tuple[Definition, ...]


movable(Node, "span")
movable(Binary, "op_span")
movable(Assign, "op_span")
movable(Match, "pattern_span")
