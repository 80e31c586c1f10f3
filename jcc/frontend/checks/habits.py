"""Habits from Perl and from the predecessor: expressions that mean something else here than there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Edit, Fix, habits
from jcc.frontend import ast
from jcc.frontend.checks.unit import Unit
from jcc.frontend.conversion import is_number, is_numeric, is_text
from jcc.frontend.tokens import STRING, Tokens
from jcc.frontend.types import NEVER, LiteralType, Type, defined
from jcc.source import Span

_STRING_OPERATORS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_NUMBER_OPERATORS = {word: sign for sign, word in _STRING_OPERATORS.items()}
# `$v{name}`, `${v.name}`, `{{ v.name }}`
_TEMPLATE = re.compile(
    r"(?:\$(?=[aeiotv]\{)|\$\{(?=[aeiotv]\.)|\{\{ *(?=[aeiotv]\.))"
    r"(?P<root>\w)(?:\{'?|\.)(?P<name>\w+)'? *\}\}?"
)
_COMPARING = frozenset((*_STRING_OPERATORS, *_NUMBER_OPERATORS))


def check_comparisons(unit: Unit) -> Iterator[Diagnostic]:
    """`==` and its like on strings, `eq` and its like on numbers."""
    for node in unit.fresh.binaries:
        left, right = _solid(unit, node.left), _solid(unit, node.right)
        if node.op in _STRING_OPERATORS:
            yield from _numeric_on_strings(node, left, right)
        elif node.op in _NUMBER_OPERATORS and is_number(left) and is_number(right):
            yield habits.NUMBER_AS_TEXT.at(
                node.op_span,
                op=node.op,
                help=f"`{_NUMBER_OPERATORS[node.op]}` compares numbers",
                fix=_operator_fix(node, _NUMBER_OPERATORS[node.op], safe=False),
            )


def _solid(unit: Unit, node: ast.Expression) -> Type:
    return defined(unit.type_of(node))


def _numeric_on_strings(node: ast.Binary, left: Type, right: Type) -> Iterator[Diagnostic]:
    word = _STRING_OPERATORS[node.op]
    equality = node.op in ("==", "!=")
    a_word = _is_word(node.left) or _is_word(node.right)
    if a_word and not equality:
        return  # an error anyway: the word is no number
    if not a_word and not (_is_string(left) and _is_string(right)):
        return
    rule = habits.STRING_EQUALITY if equality else habits.STRING_ORDER
    yield rule.at(
        node.op_span,
        op=node.op,
        help=f"`{word}` compares strings",
        # With a word among them the two compare as strings anyway.
        fix=_operator_fix(node, word, safe=a_word),
    )


def _is_word(node: ast.Expression) -> bool:
    """A string literal that spells no number."""
    return (
        isinstance(node, ast.Literal) and isinstance(node.value, str) and not is_numeric(node.value)
    )


def _is_string(type: Type) -> bool:
    numeric = isinstance(type, LiteralType) and is_numeric(str(type.value))
    return type is not NEVER and is_text(type) and not numeric


def _operator_fix(node: ast.Binary, operator: str, safe: bool) -> Fix:
    # Bare letters must not run into their neighbours.
    before = " " if node.op_span.start == node.left.span.end else ""
    after = " " if node.op_span.end == node.right.span.start else ""
    edit = Edit(node.op_span, f"{before}{operator}{after}" if operator.isalpha() else operator)
    return Fix(f"use `{operator}`", (edit,), safe)


# -- precedence -----------------------------------------------------------------------------------------------------
# Parentheses leave no node, but they widen the span of the operator around them.


def check_precedence(unit: Unit) -> Iterator[Diagnostic]:
    """Operators that bind otherwise than a reader may think."""
    for node in unit.fresh.binaries:
        match node:
            case ast.Binary(op="**", right=ast.Binary(op="**") as right):
                if node.span.end == right.span.end:
                    yield _power_chain(node, right)
            case ast.Binary(op="+" | "-" as op, left=ast.Binary(op=".") as left):
                if _begins_with(node, left) and not _is_word(node.right):
                    yield habits.JOIN_AND_SUM.at(
                        node.op_span, op=op, help="put what is to be added in parentheses"
                    )
            case ast.Binary(op=op, left=ast.Unary(op="!") as negation) if op in _COMPARING:
                if _begins_with(node, negation):
                    yield habits.NEGATED_OPERAND.at(
                        negation.span, help="put the comparison in parentheses, or use `not`"
                    )
            case _:
                pass


def _begins_with(node: ast.Binary, left: ast.Expression) -> bool:
    return node.span.start == left.span.start


def _power_chain(node: ast.Binary, right: ast.Binary) -> Diagnostic:
    start, end = right.span
    edits = (Edit(Span(start, start), "("), Edit(Span(end, end), ")"))
    return habits.POWER_CHAIN.at(
        Span(node.op_span.start, right.op_span.end),
        text="a ** (b ** c)",
        help="parentheses show which is meant; the predecessor read it from the left",
        fix=Fix("put the right part in parentheses", edits),
    )


def interpolations(tokens: Tokens) -> Iterator[Diagnostic]:
    """`"hello $v{name}"`: elsewhere a value is put in there."""
    text, kinds = tokens.source.text, tokens.kinds
    at = text.find("{")
    while at >= 0:
        index = tokens.index_at(at)
        found = _TEMPLATE.search(tokens.texts[index]) if kinds[index] == STRING else None
        if found is not None:
            start = tokens.starts[index] + found.start()
            yield habits.STRING_INTERPOLATION.at(
                Span(start, start + len(found[0])),
                text=found[0],
                help=f"join values to strings: `'… ' . {found['root']}.{found['name']}`",
            )
        at = text.find("{", tokens.starts[index + 1])


def check_loose_operators(unit: Unit) -> Iterator[Diagnostic]:
    """`x = a or b` assigns all of `a or b`; the predecessor assigned `a`."""
    for write in unit.fresh.writes:
        match write.item.value:
            case ast.Binary(op="and" | "or" | "xor") as value if (
                value.span.end == write.item.span.end
            ):
                symbol = _tight(value)
                yield habits.LOOSE_OPERATOR.at(
                    value.op_span,
                    op=value.op,
                    help=f"`{symbol}` says the same and leaves no doubt" if symbol else None,
                    fix=Fix(f"use `{symbol}`", (Edit(value.op_span, symbol),)) if symbol else None,
                )
            case _:
                pass


def _tight(node: ast.Binary) -> str | None:
    """The operator that binds tighter and does the same, where the operands stay together with it."""
    for side in (node.left, node.right):
        if isinstance(side, ast.Unary | ast.Binary) and side.op in ("not", "and", "or", "xor"):
            return None
    return {"and": "&&", "or": "||"}.get(node.op)
