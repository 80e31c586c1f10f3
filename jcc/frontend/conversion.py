"""How the language turns values into one another: what counts as a number, what as a text.

Null counts as 0 and '', booleans as 1 and 0 and as their names, a numeric string as its number. Arrays, objects and
strings that spell no number do not convert: they are the misfits that the functions here give.
"""

from __future__ import annotations

import re
from functools import lru_cache

from jcc.frontend.types import (
    BOOLEAN,
    INTEGER,
    NEVER,
    NUMBER,
    STRING,
    ArrayType,
    LiteralType,
    Member,
    ObjectType,
    Type,
    members_of,
    misfit,
    union_of,
)

_NUMERIC = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?0[xX][0-9a-fA-F]+\s*")


def is_numeric(text: str) -> bool:
    """Whether a string counts as a number."""
    return _NUMERIC.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def no_number(type: Type) -> Type:
    """The part of the type that counts as no number."""
    return union_of(member for member in members_of(type) if _is_no_number(member))


@lru_cache(maxsize=4096)
def no_text(type: Type) -> Type:
    """The part of the type that counts as no text."""
    return union_of(m for m in members_of(type) if isinstance(m, ArrayType | ObjectType))


def argument_misfit(type: Type, wanted: Type) -> Type:
    """The part of an argument's type that a function's parameter does not take, conversions done."""
    if wanted is STRING:
        return no_text(type)
    if wanted is NUMBER or wanted is INTEGER:
        return no_number(type)
    if wanted is BOOLEAN:
        return NEVER
    if any(member is STRING for member in members_of(wanted)):
        return union_of(m for m in members_of(misfit(type, wanted)) if no_text(m) is m)
    return misfit(type, wanted)


def is_text(type: Type) -> bool:
    """Whether every value of the type is a string."""
    return type is not NEVER and all(
        member is STRING or (isinstance(member, LiteralType) and member.base is STRING)
        for member in members_of(type)
    )


def is_integer(type: Type) -> bool:
    """Whether every value of the type is an integer."""
    return all(
        member is INTEGER or (isinstance(member, LiteralType) and member.base is INTEGER)
        for member in members_of(type)
    )


def is_number(type: Type) -> bool:
    """Whether every value of the type is a number."""
    return type is not NEVER and all(
        member is NUMBER
        or member is INTEGER
        or (isinstance(member, LiteralType) and member.base in (INTEGER, NUMBER))
        for member in members_of(type)
    )


def text_of(value: str | int | float | bool | None) -> str:
    """A scalar as the text that `.` and `case` see."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return format(value, ".15g")
        case _:
            return str(value)


def _is_no_number(member: Member) -> bool:
    if isinstance(member, LiteralType):
        return isinstance(member.value, str) and not is_numeric(member.value)
    return isinstance(member, ArrayType | ObjectType)
