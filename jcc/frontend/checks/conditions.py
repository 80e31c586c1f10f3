"""Conditions, comparisons and the labels of `case`: what always goes the same way."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Label, flow, habits, style, types
from jcc.frontend import ast
from jcc.frontend.checks.shape import Shape, shape_of
from jcc.frontend.checks.unit import Unit
from jcc.frontend.conversion import is_number, is_numeric, is_text, no_text, text_of
from jcc.frontend.flow import label_text
from jcc.frontend.types import (
    BOOLEAN,
    NEVER,
    ArrayType,
    LiteralType,
    Type,
    defined,
    display,
    falsy,
    may_be_null,
    members_of,
    truthy,
)


def check_conditions(unit: Unit) -> Iterator[Diagnostic]:
    """The conditions of `if`, `while`, `repeat` and `assert`."""
    for arm in unit.fresh.of(ast.Arm):
        yield from _constant(unit, arm.condition, (True, False))
        yield from _tested(unit, arm.condition)
    for loop in unit.fresh.of(ast.While):
        # `while true` is a way to write a loop that ends in its middle.
        yield from _constant(unit, loop.condition, (False,))
        yield from _tested(unit, loop.condition)
    for repeat in unit.fresh.of(ast.Repeat):
        yield from _constant(unit, repeat.until, (True,))
        yield from _tested(unit, repeat.until)
    for check in unit.fresh.of(ast.Assert):
        # `assert false` is a way to write `raise_error`.
        yield from _constant(unit, check.condition, (True,))
        yield from _tested(unit, check.condition)


def _constant(
    unit: Unit, condition: ast.Expression, told: tuple[bool, ...]
) -> Iterator[Diagnostic]:
    """Conditions made of constants alone."""
    shape = shape_of(condition)
    if shape is None or not _is_constant(shape):
        return
    type = unit.type_of(condition)
    if truthy(type) is NEVER and type is not NEVER and False in told:
        yield types.ALWAYS_FALSE.at(condition.span)
    elif falsy(type) is NEVER and type is not NEVER and True in told:
        yield types.ALWAYS_TRUE.at(condition.span)


def _is_constant(shape: Shape) -> bool:
    match shape:
        case ("literal", *_):
            return True
        case ("unary", _, inner) if isinstance(inner, tuple):
            return _is_constant(inner)
        case _:
            return False


def _tested(unit: Unit, condition: ast.Expression) -> Iterator[Diagnostic]:
    """Each value whose truth counts: an array is always true."""
    todo = [condition]
    while todo:
        node = todo.pop()
        match node:
            case ast.Unary(op="!" | "not", operand=operand):
                if isinstance(operand, ast.Unary) and operand.op in ("!", "not"):
                    yield style.DOUBLE_NEGATION.at(node.span)
                todo.append(operand)
            case ast.Binary(op="and" | "&&" | "or" | "||" | "xor", left=left, right=right):
                todo += (right, left)
            case ast.Literal() | ast.ObjectLiteral():
                pass
            case _:
                # An object is mostly asked whether it is there at all, which null passing for every type makes sensible.
                type = unit.type_of(node)
                if isinstance(type, ArrayType):
                    yield types.ARRAY_AS_CONDITION.at(
                        node.span, given=display(type), help="`length(…)` tells whether it is empty"
                    )


def check_repeated_conditions(unit: Unit) -> Iterator[Diagnostic]:
    """An `elsif` with the condition of an arm above it never runs."""
    for statement in unit.fresh.of(ast.If):
        if len(statement.arms) < 2:
            continue
        seen: dict[Shape, ast.Expression] = {}
        for arm in statement.arms:
            shape = shape_of(arm.condition)
            if shape is None:
                continue
            first = seen.setdefault(shape, arm.condition)
            if first is not arm.condition:
                yield flow.DUPLICATE_CONDITION.at(
                    arm.condition.span, labels=(Label(first.span, "tested here"),)
                )


# -- case -----------------------------------------------------------------------------------------------------------


def check_labels(unit: Unit) -> Iterator[Diagnostic]:
    """Each label of a `case` stands once, and is something that the subject can be."""
    for case in unit.fresh.of(ast.Case):
        type = unit.type_of(case.subject)
        wrong = no_text(type)
        if wrong is not NEVER and wrong == defined(type):
            yield types.NO_TEXT.at(case.subject.span, op="case", given=display(wrong))
            continue
        possible = possible_texts(type)
        seen: dict[str, ast.Literal] = {}
        for label in (label for arm in case.arms for label in arm.labels):
            text = label_text(label)
            first = seen.setdefault(text, label)
            if first is not label:
                yield flow.DUPLICATE_CASE.at(
                    label.span, label=text, labels=(Label(first.span, "stands here first"),)
                )
            elif not _can_be(type, possible, text):
                yield types.LABEL_NEVER_FITS.at(label.span, given=display(type), label=text)


def possible_texts(type: Type) -> set[str] | None:
    """All texts that a value of the type can be; None where there is no end of them."""
    found: set[str] = set()
    for member in members_of(type):
        if isinstance(member, LiteralType):
            found.add(text_of(member.value))
        elif member is BOOLEAN:
            found.update(("true", "false"))
        elif may_be_null(member):
            found.add("")
        else:
            return None
    return found or None


def _can_be(type: Type, possible: set[str] | None, text: str) -> bool:
    if possible is not None:
        return text in possible
    return not is_number(type) or is_numeric(text)


# -- comparisons ----------------------------------------------------------------------------------------------------


def check_equalities(unit: Unit) -> Iterator[Diagnostic]:
    """Comparisons as strings of values that can never be the same."""
    for node in unit.fresh.binaries:
        if node.op not in ("eq", "ne"):
            continue
        left, right = unit.type_of(node.left), unit.type_of(node.right)
        one, other = possible_texts(left), possible_texts(right)
        if one is None or other is None or one & other:
            continue
        literal = node.right if isinstance(node.right, ast.Literal) else node.left
        wrong = isinstance(literal, ast.Literal) and BOOLEAN in (defined(left), defined(right))
        if wrong and isinstance(literal, ast.Literal):
            yield habits.BOOLEAN_AS_TEXT.at(
                literal.span,
                text=text_of(literal.value),
                help="the boolean itself is a condition: `if v.x`, `if !v.x`",
            )
        elif is_text(defined(left)) or is_text(defined(right)):
            yield types.NEVER_EQUAL.at(node.span, left=display(left), right=display(right))
