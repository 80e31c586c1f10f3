"""The types of operands, arguments and paths: what an operator or a function cannot work on."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, habits, names, types
from jcc.frontend import ast
from jcc.frontend.borrowed import FUNCTIONS
from jcc.frontend.checks.unit import Unit, spelled
from jcc.frontend.conversion import argument_misfit, is_text, no_number, no_text
from jcc.frontend.functions import Function, find_function
from jcc.frontend.inferred import Step
from jcc.frontend.nearest import known_names
from jcc.frontend.types import (
    NEVER,
    ArrayType,
    LiteralType,
    ObjectType,
    Simple,
    Type,
    defined,
    display,
    overlaps,
)
from jcc.source import Span

_NUMERIC = frozenset({"+", "-", "*", "/", "%", "**"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_EQUALITY = frozenset({"==", "!="})
_TEXT = frozenset({".", "x", "eq", "ne", "lt", "le", "gt", "ge"})


def check_binaries(unit: Unit) -> Iterator[Diagnostic]:
    """The operands of each operator."""
    type_of = unit.model.types.get
    for node in unit.fresh.binaries:
        op = node.op
        if op in _NUMERIC:
            yield from _arithmetic(unit, node)
        elif op in _EQUALITY or op in _ORDER:
            left, right = type_of(node.left), type_of(node.right)
            if left is None or right is None or (left is right and isinstance(left, Simple)):
                continue
            yield from _comparison(unit, node, left, right)
        elif op in _TEXT:
            yield from _text(unit, op, node.left)
            if op != "x":
                yield from _text(unit, op, node.right)
            else:
                yield from _number(unit, op, node.right)


def _arithmetic(unit: Unit, node: ast.Binary) -> Iterator[Diagnostic]:
    left, right = unit.type_of(node.left), unit.type_of(node.right)
    if node.op == "+" and _may_be_joined(left) and _may_be_joined(right):
        yield habits.PLUS_ON_STRINGS.at(node.op_span, help="`.` joins strings")
        return
    yield from _number(unit, node.op, node.left)
    yield from _number(unit, node.op, node.right)
    zero = isinstance(right, LiteralType) and right.value == 0 and right.value is not False
    if node.op in ("/", "%") and zero:
        yield types.DIVISION_BY_ZERO.at(node.right.span, op=node.op)


def _may_be_joined(type: Type) -> bool:
    """A string that may be numeric; a constant one that is not is an error anyway."""
    return is_text(type) and not isinstance(type, LiteralType)


def _number(unit: Unit, op: str, operand: ast.Expression) -> Iterator[Diagnostic]:
    type = unit.model.types.get(operand)
    wrong = NEVER if type is None else no_number(type)
    if wrong is NEVER or wrong != defined(type or NEVER):
        return
    if isinstance(wrong, LiteralType):
        yield types.NOT_A_NUMBER.at(
            operand.span, op=op, given=display(wrong), help=_instead_of_number(op, str(wrong.value))
        )
    elif not is_text(wrong):
        help = "`length(…)` counts the items" if isinstance(wrong, ArrayType) else None
        yield types.NO_ARITHMETIC.at(operand.span, op=op, given=display(wrong), help=help)


def _instead_of_number(op: str, text: str) -> str | None:
    if text[:1].isdigit():
        return "the predecessor took the number at its beginning"
    if op in ("+", "+="):
        return "`.` joins strings"
    return "`lt`, `le`, `gt` and `ge` compare strings" if op in _ORDER else None


def _text(unit: Unit, op: str, operand: ast.Expression) -> Iterator[Diagnostic]:
    type = unit.model.types.get(operand)
    if type is None:
        return
    wrong = no_text(type)
    if wrong is not NEVER and wrong == defined(type):
        yield types.NO_TEXT.at(
            operand.span,
            op=op,
            given=display(wrong),
            help="`tojson(…)` makes a string of it, `join(…, ',')` one of an array",
        )


def _comparison(unit: Unit, node: ast.Binary, left: Type, right: Type) -> Iterator[Diagnostic]:
    """Two types that have no value in common, of which one is an array or object: scalars convert."""
    if node.op in _ORDER:
        yield from _number(unit, node.op, node.left)
        yield from _number(unit, node.op, node.right)
        return
    one, other = _container(left), _container(right)
    if one is NEVER and other is NEVER:
        return
    if not overlaps(defined(left), defined(right)) and NEVER not in (defined(left), defined(right)):
        yield types.NEVER_EQUAL.at(node.span, left=display(left), right=display(right))


def _container(type: Type) -> Type:
    """The type, if all it can be are arrays and objects."""
    solid = defined(type)
    return solid if solid is not NEVER and no_text(solid) == solid else NEVER


_COMPOUND = frozenset({"+=", "-=", "*=", "/="})


def check_compounds(unit: Unit) -> Iterator[Diagnostic]:
    """The right sides of `+=`, `.=` and their like."""
    for write in unit.fresh.writes:
        item = write.item
        if item.op == ".=":
            yield from _text(unit, item.op, item.value)
        elif item.op in _COMPOUND:
            yield from _number(unit, item.op, item.value)


def check_unaries(unit: Unit) -> Iterator[Diagnostic]:
    """`-` and `+` need a number."""
    for node in unit.fresh.unaries:
        if node.op in ("-", "+"):
            yield from _number(unit, node.op, node.operand)


# -- functions ------------------------------------------------------------------------------------------------------


def check_arguments(unit: Unit) -> Iterator[Diagnostic]:
    """The number and the types of a function's arguments."""
    for call in unit.fresh.calls:
        function = find_function(call.function.text)
        if function is None:
            continue
        count = len(call.arguments)
        if count < function.least or (function.most is not None and count > function.most):
            yield types.WRONG_ARGUMENT_COUNT.at(
                call.function.span,
                function=call.function.text,
                wanted=_count_wanted(function),
                given=count,
                help=f"`{function.label}`",
            )
            continue
        for number, argument in enumerate(call.arguments):
            yield from _argument(unit, call, function, number, argument)


def _count_wanted(function: Function) -> str:
    least, most = function.least, function.most
    if most is None:
        return f"{least} arguments or more"
    if most == 0:
        return "no arguments"
    words = f"{least}" if least == most else f"{least} to {most}"
    return f"{words} argument{'' if most == 1 else 's'}"


def _argument(
    unit: Unit, call: ast.Call, function: Function, number: int, argument: ast.Expression
) -> Iterator[Diagnostic]:
    parameter = function.parameter(number)
    type = unit.model.types.get(argument)
    if parameter is None or type is None:
        return
    wrong = argument_misfit(type, parameter.type)
    if wrong is not NEVER and wrong == defined(type):
        yield types.WRONG_ARGUMENT_TYPE.at(
            argument.span,
            function=call.function.text,
            wanted=display(parameter.type),
            name=parameter.name,
            given=display(wrong),
            help=f"`{function.label}`",
        )


# -- paths ----------------------------------------------------------------------------------------------------------


def check_paths(unit: Unit) -> Iterator[Diagnostic]:
    """Keys read from something that has none, and keys that a known object does not have."""
    for path, (number, type) in unit.inferred.closed.items():
        key = path.keys[number]
        quoted = isinstance(key, ast.Field) and key.name.quoted
        help = "blanks round the `.` make it join strings" if quoted and is_text(type) else None
        if isinstance(key, ast.Field) and FUNCTIONS.get(key.name.text, key.name.text) == "length":
            help = "`length(x)` tells how long a string or an array is"
        yield types.NO_KEYS.at(key.span, key=_key_text(key), given=display(type), help=help)

    for path, (number, type) in sorted(unit.inferred.absent.items(), key=_place):
        yield from _absent(unit, path, path.keys[number], type)
    for item, (number, type) in unit.inferred.blocked.items():
        key = item.target.keys[number]
        yield types.NO_KEYS_TO_SET.at(key.span, key=_key_text(key), given=display(type))


def _place(entry: tuple[ast.Path, Step]) -> Span:
    return entry[0].span


def _absent(
    unit: Unit, path: ast.Path, key: ast.Field | ast.Index, type: Type
) -> Iterator[Diagnostic]:
    found = defined(type)
    if not isinstance(key, ast.Field) or not isinstance(found, ObjectType) or path.root == "e":
        return
    known = [name for name, _ in found.fields]
    meant = unit.guess(key.name, known)
    listed = f"its keys are {known_names(known)}" if known else None
    yield types.UNKNOWN_KEY.at(
        key.span,
        given=display(found),
        key=key.name.text,
        help=meant.help or listed,
        fix=meant.fix,
    )


def _key_text(key: ast.Field | ast.Index) -> str:
    return spelled(key.name.text) if isinstance(key, ast.Field) else "[…]"


def check_objects(unit: Unit) -> Iterator[Diagnostic]:
    """Each key of an object stands once."""
    for node in unit.fresh.objects:
        seen: set[object] = set()
        for key, _ in node.entries:
            if isinstance(key, ast.Literal):
                if key.value in seen:
                    yield names.DUPLICATE_KEY.at(key.span, name=key.value)
                seen.add(key.value)
