"""The syntax tree of a Perl block: frozen values with spans in the JCL text. Contexts are not here: the translator asks
a node for a scalar, a list or a truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jcc.source import Span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    span: Span


# -- values -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constant(Node):
    """A number, a string without variables, `undef`, `$TRUE`, `$FALSE`. `bare`: it has no quotes of its own, as
    before `=>`, in `{word}` and in `qw(…)`."""

    value: str | int | float | bool | None
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interpolated(Node):
    """A string with variables: its texts and expressions in order. Arrays among them are joined with a blank."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cased(Node):
    r"""`\u \l \U \L \Q` in a string: `function` (ucfirst, lcfirst, uc, lc, quotemeta) of what follows."""

    function: str
    value: Interpolated


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variable(Node):
    """`$x`, `@x`, `%x` as a whole; `name` without its sigil. `$1` and `$&` are scalars too."""

    sigil: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Element(Node):
    """`$x{k}`, `$x->[0]`, `…{k}`: `container` is a Variable (of sigil % or @) or an expression for a reference.
    `bracket` is `{` or `[`."""

    container: Expression
    bracket: str
    key: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice(Node):
    """`@h{…}`, `@a[…]` and, with `pairs`, `%h{…}`. A list's slice `(…)[…]` has a List as its container."""

    container: Expression
    bracket: str
    keys: Expression
    pairs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dereference(Node):
    """`@{…}`, `@$x`, `%{…}`."""

    sigil: str
    operand: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LastIndex(Node):
    """`$#x`, `$#{…}`."""

    array: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class My(Node):
    """`my $x`, and with `list` `my ($x, @y)`; None stands for `undef` in the list."""

    variables: tuple[Variable | None, ...]
    list: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class List(Node):
    """`(…)`, `qw(…)`, or, `bare`, a list by its commas alone."""

    items: tuple[Expression, ...]
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnonymousArray(Node):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnonymousHash(Node):
    items: tuple[Expression, ...]


# -- operations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unary(Node):
    r"""`op` is one of ! - + `\`; `not` is `!` too."""

    op: str
    operand: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binary(Node):
    """Arithmetic, strings, comparison, `..`."""

    op: str
    op_span: Span
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logical(Node):
    """`op` is one of && || // xor; `and` and `or` are && and || too."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditional(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assignment(Node):
    """`op` is `` for `=`, else the operator before it: `+` for `+=`."""

    op: str
    target: Expression
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Increment(Node):
    """`++` and `--`: `op` is + or -."""

    op: str
    before: bool
    target: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match(Node):
    """`subject =~ /pattern/flags`; without a subject that of `$_`."""

    subject: Expression | None
    pattern: Expression
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Substitute(Node):
    subject: Expression | None
    pattern: Expression
    replacement: Expression
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transliterate(Node):
    subject: Expression | None
    search: str
    replacement: str
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Node):
    """A builtin. `block` is the body of map, grep and sort."""

    name: str
    name_span: Span
    arguments: tuple[Expression, ...]
    block: tuple[Statement, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanguageCall(Node):
    """`$JCL->name(…)`: a function of the language."""

    name: str
    name_span: Span
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leave(Node):
    """`next`, `last`, `return …`, `die …`: expressions to Perl, as in `$x or next`."""

    word: str
    value: Expression | None = None


Expression: TypeAlias = (
    Constant
    | Interpolated
    | Cased
    | Variable
    | Element
    | Slice
    | Dereference
    | LastIndex
    | My
    | List
    | AnonymousArray
    | AnonymousHash
    | Unary
    | Binary
    | Logical
    | Conditional
    | Assignment
    | Increment
    | Match
    | Substitute
    | Transliterate
    | Call
    | LanguageCall
    | Leave
)


# -- statements ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluate(Node):
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class If(Node):
    """`if`, `elsif`, `else`; `unless` has its first condition negated already. `postfix`: `X if C`."""

    arms: tuple[tuple[Expression, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...] | None
    postfix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class While(Node):
    """`while`, `until` (negated), and C's `for`, whose `step` runs after each turn. `body_first`: `do {} while`."""

    condition: Expression | None
    body: tuple[Statement, ...]
    step: Expression | None = None
    body_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foreach(Node):
    """`variable` is None for `$_`. With `second` a loop over the pairs of a hash, `while (my ($k, $v) = each %h)`."""

    variable: Variable | None
    items: Expression
    body: tuple[Statement, ...]
    second: Variable | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block(Node):
    body: tuple[Statement, ...]


Statement: TypeAlias = Evaluate | If | While | Foreach | Block
