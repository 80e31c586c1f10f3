"""The types of expressions in one state of the variables, and what a condition tells on either way out of it.

Everything here is total: a broken node, an unknown function or a name without a slot is UNKNOWN, and nothing is reported;
the checks read the types afterwards. Runs of operators are walked along their left side, so that a sum of ten thousand
terms is no deep recursion; other nesting beyond MAX_NESTING is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, assert_never

from jcc.frontend import ast, functions
from jcc.frontend.conversion import is_integer, no_number
from jcc.frontend.inferred import Inferred, Step
from jcc.frontend.narrowing import Test, test_of
from jcc.frontend.objects import Key, Name, has_no_part, key_of, part_of, refined
from jcc.frontend.state import State
from jcc.frontend.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    NEVER,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    UNSET,
    Field,
    LiteralType,
    ObjectType,
    Type,
    defined,
    falsy,
    join,
    literal_of,
    object_of,
    truthy,
)

MAX_NESTING = 60

_LOGICAL = frozenset({"and", "&&", "or", "||", "//"})
_COMPARING = frozenset(
    {"==", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "le", "gt", "ge", "xor"}
)
_WHOLE = frozenset({"+", "-", "*", "%"})
_ARITHMETIC = _WHOLE | {"/", "**"}


class Outcome(NamedTuple):
    """An expression's type, and the state of the variables where it was true and where it was false."""

    type: Type
    yes: State
    no: State


class Expressions:
    """Evaluates in `state`, and notes what it finds in `inferred`. `slots` says where the state has each name of `a` and `v`;
    `objects` are the known keys of `e i o t`, `others` the type of the rest of each."""

    def __init__(self, slots: Mapping[tuple[str, str], int], inferred: Inferred) -> None:
        self.state = State()
        self.slots = slots
        self.inferred = inferred
        self.types = inferred.types
        self.objects: dict[str, dict[str, Type]] = {"e": {}, "i": {}, "o": {}, "t": {}}
        self.others: dict[str, Type] = {"e": ANY, "i": UNSET, "o": UNKNOWN, "t": UNSET}
        self._depth = 0

    # -- any expression --------------------------------------------------------------------------------------------

    def evaluate(self, node: ast.Expression) -> Type:
        """The type of an expression, noted in `types`."""
        if isinstance(node, ast.Path):
            type = self._path(node)
        elif isinstance(node, ast.Literal):
            type = literal_of(node.value)
        elif self._depth > MAX_NESTING:
            type = UNKNOWN
        else:
            self._depth += 1
            type = self._compound(node)
            self._depth -= 1
        self.types[node] = type
        return type

    def _compound(self, node: ast.Expression) -> Type:
        match node:
            case ast.Binary():
                return self._chain(node)[0]
            case ast.Call(function=function, arguments=arguments):
                found = functions.find_function(function.text)
                types = [self.evaluate(argument) for argument in arguments]
                return UNKNOWN if found is None else found.result_of(types)
            case ast.Unary(op=op, operand=operand):
                if op in ("!", "not"):
                    return _negated(self.condition(operand).type)
                return _signed(op, self.evaluate(operand))
            case ast.Match(subject=subject):
                self.evaluate(subject)
                return BOOLEAN
            case ast.ObjectLiteral(entries=entries):
                return self._object(entries)
            case ast.CodeBlock() | ast.BrokenExpression():
                return UNKNOWN
            case ast.Path() | ast.Literal():
                return self.evaluate(node)
        assert_never(node)

    def _object(self, entries: tuple[tuple[ast.Expression, ast.Expression], ...]) -> Type:
        fields: dict[str, Field] = {}
        rest: Type = NEVER
        for key, value in entries:
            name, type = key_of(self.evaluate(key)), self.evaluate(value)
            if isinstance(name, Name):
                fields[name.text] = Field(type, True)
            else:
                rest = join(rest, type)
        return object_of(fields, rest)

    # -- paths -----------------------------------------------------------------------------------------------------

    def lookup(self, root: str, name: str) -> Type:
        """The type of `root.name` here."""
        slot = self.slots.get((root, name))
        if slot is not None:
            return self.state.get(slot)
        known = self.objects.get(root)
        if known is None:
            return UNKNOWN  # a name of `v` that nothing sets, or of `a` that is not declared: said elsewhere
        return known.get(name, self.others[root])

    def _path(self, path: ast.Path) -> Type:
        keys = path.keys
        if path.root is None or not keys:
            self.keys(keys)
            return UNKNOWN if path.root is None else OBJECT
        first = keys[0]
        if isinstance(first, ast.Field):
            type = self.lookup(path.root, first.name.text)
        else:
            head = self.keys((first,))[0]
            type = self.lookup(path.root, head.text) if isinstance(head, Name) else ANY
        # A step may be looked at again, in a state that knows more.
        if type is UNSET:
            self.inferred.unset.add(path)
        else:
            self.inferred.unset.discard(path)
        return type if len(keys) == 1 else self._within(path, type)

    def _within(self, path: ast.Path, type: Type) -> Type:
        """What lies at the other keys of a path."""
        self.inferred.closed.pop(path, None)
        self.inferred.absent.pop(path, None)
        for number, key in enumerate(self.keys(path.keys[1:]), start=1):
            wrong = has_no_part(type, key)
            if wrong is not NEVER and wrong == defined(type):
                self.inferred.closed[path] = Step(number, wrong)
                return UNKNOWN
            part = part_of(type, key)
            if part is UNSET and type is not UNSET and isinstance(defined(type), ObjectType):
                self.inferred.absent[path] = Step(number, type)
                return UNKNOWN
            type = part
        return type

    def keys(self, keys: tuple[ast.Field | ast.Index, ...]) -> list[Key]:
        """The keys of a path, with the types of the computed ones."""
        return [
            Name(key.name.text) if isinstance(key, ast.Field) else key_of(self.evaluate(key.value))
            for key in keys
        ]

    # -- operators -------------------------------------------------------------------------------------------------

    def condition(self, node: ast.Expression) -> Outcome:
        """The type of an expression, and what is known where it is true and where it is false."""
        if self._depth > MAX_NESTING:
            return Outcome(self.evaluate(node), self.state, self.state)
        self._depth += 1
        outcome = self._condition(node)
        self._depth -= 1
        self.types[node] = outcome.type
        return outcome

    def _condition(self, node: ast.Expression) -> Outcome:
        match node:
            case ast.Binary():
                type, outcome = self._chain(node)
                return outcome or self._narrowed(node, type)
            case ast.Unary(op="!" | "not", operand=operand):
                inner = self.condition(operand)
                return Outcome(_negated(inner.type), inner.no, inner.yes)
            case _:
                return self._narrowed(node, self.evaluate(node))

    def _chain(self, node: ast.Binary) -> tuple[Type, Outcome | None]:
        """The type of a run of operators; with its outcome where the last of them is a logical one."""
        spine = [node]
        while isinstance(first := spine[-1].left, ast.Binary):
            spine.append(first)
        outcome = self.condition(first) if spine[-1].op in _LOGICAL else None
        type = outcome.type if outcome else self.evaluate(first)
        for binary in reversed(spine):
            if binary.op in _LOGICAL:
                outcome = self._logical(binary, outcome or self._narrowed(binary.left, type))
                type = outcome.type
            else:
                type = _result(binary.op, type, self.evaluate(binary.right))
                outcome = None
            self.types[binary] = type
        return type, outcome

    def _logical(self, node: ast.Binary, left: Outcome) -> Outcome:
        """The right side is evaluated as it is at run time: only where the left one did not decide."""
        before = self.state
        match node.op:
            case "and" | "&&":
                self.state = left.yes
                right = self.condition(node.right)
                type, yes, no = falsy(left.type), right.yes, left.no.join(right.no)
            case "or" | "||":
                self.state = left.no
                right = self.condition(node.right)
                type, yes, no = truthy(left.type), left.yes.join(right.yes), right.no
            case _:
                right = Outcome(self.evaluate(node.right), before, before)
                type, yes, no = defined(left.type), before, before
        self.state = before
        return Outcome(join(type, right.type), yes, no)

    def _narrowed(self, node: ast.Expression, type: Type) -> Outcome:
        test = test_of(node)
        if test is None:
            return Outcome(type, self.state, self.state)
        return Outcome(type, self.after(test, True), self.after(test, False))

    def after(self, test: Test, truth: bool) -> State:
        """The state in which a test is known to have gone one way."""
        path = test.path
        first = path.keys[0] if path.keys else None
        if path.root is None or not isinstance(first, ast.Field):
            return self.state
        slot = self.slots.get((path.root, first.name.text))
        if slot is None or not (truth or len(path.keys) == 1):
            return self.state
        old = self.state.get(slot)
        keys = [Name(key.name.text) for key in path.keys[1:] if isinstance(key, ast.Field)]
        if len(keys) != len(path.keys) - 1:
            return self.state
        return self.state.set(slot, refined(old, keys, test.yes if truth else test.no))


def _negated(type: Type) -> Type:
    """The opposite: a literal where the type can only be true or only be false."""
    never_true, never_false = truthy(type) is NEVER, falsy(type) is NEVER
    return BOOLEAN if never_true == never_false else literal_of(never_true)


def _signed(op: str, type: Type) -> Type:
    if isinstance(type, LiteralType) and not isinstance(type.value, str):
        return literal_of(-type.value if op == "-" else +type.value)
    return INTEGER if is_integer(type) else NUMBER


def _result(op: str, left: Type, right: Type) -> Type:
    if op in _COMPARING:
        return BOOLEAN
    if op in _ARITHMETIC and (_fails(left) or _fails(right)):
        return UNKNOWN  # that it fails is told; nothing follows from what it would give
    if op in _WHOLE:
        return INTEGER if is_integer(left) and is_integer(right) else NUMBER
    if op == "**":
        is_count = (
            isinstance(right, LiteralType) and right.base is INTEGER and int(right.value) >= 0
        )
        return INTEGER if is_count and is_integer(left) else NUMBER
    return NUMBER if op == "/" else STRING


def _fails(operand: Type) -> bool:
    """Whether no value of the operand counts as a number."""
    wrong = no_number(operand)
    return wrong is not NEVER and wrong == defined(operand)
