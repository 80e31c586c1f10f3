"""A Perl block as native JCL, if every statement of it can be said so with the very same meaning."""

from __future__ import annotations

import re

from jcc.frontend.codeblocks.block import LETTERS, Setting
from jcc.frontend.codeblocks.perl import pattern, tree
from jcc.frontend.codeblocks.perl.contexts import is_scalar
from jcc.frontend.codeblocks.perl.parser import parse
from jcc.frontend.codeblocks.perl.places import key_text
from jcc.frontend.functions import BY_NAME
from jcc.frontend.parser import parse as parse_jcl
from jcc.source import Source

_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\0": "\\0"}
_ASSIGNMENTS = frozenset(["", ".", "+", "-", "*", "/", "//", "||"])
_CALLS = {"lc": "lower", "uc": "upper", "abs": "abs"}
_MAP = "workflow w:\n\tdo:\n\t\teval:\n\t\t\t{}\n"
_CONDITION = "workflow w:\n\tdo:\n\t\tif {}:\n\t\t\treturn\n"
# How tightly the operators of the language bind.
_ATOM = 12
_POWERS = {
    "**": 11,
    "=~": 9,
    **dict.fromkeys(["*", "/", "x"], 8),
    **dict.fromkeys(["+", "-", "."], 7),
    **dict.fromkeys(["<", ">", "<=", ">=", "lt", "gt", "le", "ge"], 6),
    **dict.fromkeys(["==", "!=", "eq", "ne"], 5),
    "//": 3,
    "and": 1,
    "or": 0,
    "xor": 0,
}
_UNARY = 10
_LOGICAL = {"&&": "and", "||": "or", "//": "//", "xor": "xor"}


class _Foreign(Exception):
    """The construct has no native form."""


def native_of(code: str, setting: Setting) -> str | None:
    """The native text of a Perl block, None where there is none."""
    body, found = parse(code, 0)
    if not body or any(one.rule.code != "JCC652" for one in found):
        return None
    try:
        if setting.gives_value:
            return _readable(_value(body), _CONDITION)
        lines = [line for number, node in enumerate(body) for line in _lines(node, number, setting)]
    except _Foreign:
        return None
    return _readable("\n".join(lines), _MAP)


def _readable(text: str, around: str) -> str | None:
    """The text if the parser takes it: a name may be one that the language has for itself."""
    source = Source("migrated.wf", around.format(text.replace("\n", "\n\t\t\t")))
    return None if parse_jcl(source).diagnostics else text


# -- statements ---------------------------------------------------------------------------------------------------


def _value(body: tuple[tree.Statement, ...]) -> str:
    match body:
        case (tree.Evaluate(value=tree.Leave(word="return", value=value)),) if value is not None:
            return _expression(value)
        case (tree.Evaluate(value=value),) if not isinstance(value, tree.Leave):
            return _expression(value)
        case _:
            raise _Foreign


def _lines(node: tree.Statement, number: int, setting: Setting) -> list[str]:
    match node:
        case tree.Evaluate(
            value=tree.Assignment(target=tree.Variable(sigil="%", name=name)) as whole
        ):
            return _whole(name, whole, number, setting)
        case tree.Evaluate(value=tree.Assignment() as assignment):
            return [_assignment(assignment, setting)]
        case tree.Evaluate(value=tree.Increment(op=op, target=target)):
            return [f"{_target(target, setting)} {op}= 1"]
        case tree.Evaluate(value=tree.Call(name="push", arguments=(array, item))) if is_scalar(
            item
        ):
            if isinstance(array, tree.Dereference) and array.sigil == "@":
                return [f"{_target(array.operand, setting)} ,= {_expression(item)}"]
            raise _Foreign
        case tree.If(arms=((condition, (tree.Evaluate(value=tree.Assignment() as assignment),)),)):
            if node.otherwise is not None:
                raise _Foreign
            return [_if_defined(condition, assignment, setting)]
        case _:
            raise _Foreign


def _whole(name: str, node: tree.Assignment, number: int, setting: Setting) -> list[str]:
    """`%i = (x => …, y => …)` at the start of a map whose object is still empty."""
    fresh = name == setting.implicit and name in "io" and number == 0 and not node.op
    value = node.value
    if not fresh or not isinstance(value, tree.List) or len(value.items) % 2:
        raise _Foreign
    lines = []
    for key, item in zip(value.items[::2], value.items[1::2], strict=True):
        if not isinstance(key, tree.Constant) or not is_scalar(item):
            raise _Foreign
        left = key_text(key.value)
        letter = f"{name}." if left in LETTERS else ""
        lines.append(f"{letter}{_quoted_name(left)} = {_expression(item)}")
    return lines


def _assignment(node: tree.Assignment, setting: Setting) -> str:
    if node.op not in _ASSIGNMENTS or not is_scalar(node.value):
        raise _Foreign
    return f"{_target(node.target, setting)} {node.op}= {_expression(node.value)}"


def _if_defined(condition: tree.Expression, node: tree.Assignment, setting: Setting) -> str:
    """`x = y if defined y`"""
    match condition:
        case tree.Call(name="defined", arguments=(asked,)) if node.op in ("", ".", "+"):
            value = _expression(node.value)
            if _expression(asked) == value and isinstance(node.value, tree.Element):
                return f"{_target(node.target, setting)} {node.op}= ifdef({value})"
    raise _Foreign


def _target(node: tree.Expression, setting: Setting) -> str:
    """The left side of an assignment: without its letter, where that is the map's own."""
    if not isinstance(node, tree.Element):
        raise _Foreign
    root, keys = _keys(node)
    if not all(isinstance(key, tree.Constant) and bracket == "{" for key, bracket in keys):
        raise _Foreign
    path = "".join(f".{_quoted_name(_constant_key(key))}" for key, _ in keys)
    # `a.b = …` would be another object's.
    clear = _constant_key(keys[0][0]) not in LETTERS
    return path[1:] if root == setting.implicit and clear else f"{root}{path}"


def _keys(node: tree.Element) -> tuple[str, list[tuple[tree.Expression, str]]]:
    """The letter of the object and the keys below it."""
    keys: list[tuple[tree.Expression, str]] = []
    inner: tree.Expression = node
    while isinstance(inner, tree.Element):
        keys.insert(0, (inner.key, inner.bracket))
        inner = inner.container
    if isinstance(inner, tree.Variable) and inner.name in LETTERS and keys[0][1] == "{":
        return inner.name, keys
    raise _Foreign


def _constant_key(key: tree.Expression) -> str:
    if isinstance(key, tree.Constant):
        return key_text(key.value)
    raise _Foreign


def _quoted_name(name: str) -> str:
    return name if _NAME.match(name) else _string(name)


# -- expressions --------------------------------------------------------------------------------------------------


def _expression(node: tree.Expression, least: int = 0) -> str:
    """The native text, in parentheses if it binds less tightly than `least`."""
    text, power = _printed(node)
    return text if power >= least else f"({text})"


def _printed(node: tree.Expression) -> tuple[str, int]:
    match node:
        case tree.Constant(value=value):
            return _literal(value)
        case tree.Element():
            return _path(node), _ATOM
        case tree.List(items=(item,)) if is_scalar(item):
            return _printed(item)
        case tree.Dereference(sigil="@", operand=operand):
            return f"length({_expression(operand)})", _ATOM
        case tree.Interpolated(parts=parts):
            return f"concat({', '.join(map(_piece, parts))})", _ATOM
        case tree.Unary() | tree.Binary() | tree.Logical() | tree.Match():
            return _operation(node)
        case tree.AnonymousArray(items=items) if all(map(is_scalar, items)):
            return f"array({', '.join(map(_expression, items))})", _ATOM
        case tree.AnonymousHash(items=items):
            return _object(items), _ATOM
        case tree.Call() | tree.LanguageCall():
            return _call(node), _ATOM
        case _:
            raise _Foreign


def _literal(value: str | int | float | bool | None) -> tuple[str, int]:
    match value:
        case None:
            return "null", _ATOM
        case bool():
            return "true" if value else "false", _ATOM
        case str():
            return _string(value), _ATOM
        case int() | float():
            text = repr(value)
            if not text.replace(".", "").isdigit():
                raise _Foreign
            return text, _ATOM


def _string(value: str) -> str:
    text = "".join(_ESCAPES.get(character, character) for character in value)
    if not text.isprintable():
        raise _Foreign
    return f"'{text}'"


def _piece(part: str | tree.Expression) -> str:
    if isinstance(part, str):
        return _string(part)
    if isinstance(part, tree.Dereference) and part.sigil == "@":
        return f"join({_expression(part.operand)}, ' ')"
    if not is_scalar(part):
        raise _Foreign
    return _expression(part)


def _path(node: tree.Element) -> str:
    root, keys = _keys(node)
    text = root
    for key, bracket in keys:
        if isinstance(key, tree.Constant) and bracket == "{":
            text += f".{_quoted_name(key_text(key.value))}"
        elif bracket == "[" and _is_index(key):
            text += f"[{_index(key)}]"
        elif bracket == "{" and isinstance(key, tree.Element | tree.Interpolated):
            text += f"[{_expression(key)}]"
        else:
            raise _Foreign
    return text


def _is_index(key: tree.Expression) -> bool:
    if isinstance(key, tree.Unary) and key.op == "-":
        key = key.operand
    return isinstance(key, tree.Constant) and type(key.value) is int


def _index(key: tree.Expression) -> str:
    if isinstance(key, tree.Unary):
        return f"-{_expression(key.operand)}"
    return _expression(key)


def _operation(node: tree.Unary | tree.Binary | tree.Logical | tree.Match) -> tuple[str, int]:
    match node:
        case tree.Unary(op="!", operand=operand):
            return f"!{_expression(operand, _ATOM)}", _UNARY
        case tree.Unary(op="-" | "+" as op, operand=operand):
            return f"{op}{_expression(operand, _ATOM)}", _UNARY
        case tree.Match(subject=subject) if subject is not None and "g" not in node.flags:
            return f"{_expression(subject, _POWERS['=~'] + 1)} =~ {_pattern(node)}", _POWERS["=~"]
        case tree.Logical(op=op, left=left, right=right):
            return _infix(_LOGICAL[op], left, right)
        case tree.Binary(op=op, left=left, right=right) if op in _POWERS:
            return _infix(op, left, right)
        case _:
            raise _Foreign


def _infix(op: str, left: tree.Expression, right: tree.Expression) -> tuple[str, int]:
    power = _POWERS[op]
    if not (is_scalar(left) or isinstance(left, tree.Dereference)) or op == "**":
        # Powers associate in another way in some hands: parentheses tell.
        power_left = _ATOM
    else:
        power_left = power
    text = f"{_expression(left, power_left)} {op} {_expression(right, power + 1)}"
    return text, power


def _pattern(node: tree.Match) -> str:
    if not isinstance(node.pattern, tree.Constant):
        raise _Foreign
    text = pattern.converted(str(node.pattern.value))
    if not text.isprintable() or re.search(r"(?<!\\)/", text) or not text:
        raise _Foreign
    return f"/{text}/{''.join(flag for flag in 'imsx' if flag in node.flags)}"


def _object(items: tuple[tree.Expression, ...]) -> str:
    if len(items) % 2 or not all(map(is_scalar, items)):
        raise _Foreign
    entries = [
        f"{_quoted_name(_constant_key(key))}: {_expression(value)}"
        for key, value in zip(items[::2], items[1::2], strict=True)
    ]
    return f"object({', '.join(entries)})"


def _call(node: tree.Call | tree.LanguageCall) -> str:
    match node:
        case tree.LanguageCall(name=name, arguments=arguments):
            if name not in BY_NAME or not all(map(is_scalar, arguments)):
                raise _Foreign
            return f"{name}({', '.join(map(_expression, arguments))})"
        case tree.Call(name="defined", arguments=(argument,)) if is_scalar(argument):
            return f"defined({_expression(argument)})"
        case tree.Call(name="scalar", arguments=(argument,)):
            return _expression(argument)
        case tree.Call(name="join", arguments=(glue, tree.Dereference(sigil="@") as array)):
            return f"join({_expression(array.operand)}, {_expression(glue)})"
        case tree.Call(name=name, arguments=(argument,)) if name in _CALLS and is_scalar(argument):
            return f"{_CALLS[name]}({_expression(argument)})"
        case _:
            raise _Foreign
