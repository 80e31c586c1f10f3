"""Inside of code blocks: the job's objects and their keys with types, functions, methods, the block's own names.

Looks at the text before the cursor alone: a block that is being typed can seldom be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from jcc.frontend import ast
from jcc.frontend.codeblocks.language import language_of
from jcc.frontend.codeblocks.perl.words import BUILTINS as PERL_BUILTINS
from jcc.frontend.codeblocks.python_names import (
    ARRAY_METHODS,
    BUILTINS,
    OBJECT_METHODS,
    STRING_METHODS,
)
from jcc.frontend.functions import BY_NAME
from jcc.frontend.places import EXPRESSION
from jcc.frontend.types import STRING, ArrayType, LiteralType, ObjectType, Type, members_of
from jcc.source import Span
from jcc_lsp.ide import keywords, wanted
from jcc_lsp.ide.completion.items import Item, ItemKind
from jcc_lsp.ide.completion.values import functions, member
from jcc_lsp.ide.expected import expected
from jcc_lsp.ide.scene import Scene, Steps, steps_of, type_at
from jcc_lsp.ide.wanted import Slot
from jcc_lsp.ide.wording import Topic

_NEAR: Final = 300  # characters before the cursor that are looked at
_KEYS: Final = r"""(?:\.\w+|\[(?:'[^'\n]*'|"[^"\n]*"|-?\w+)\])*"""
_PYTHON_MEMBER: Final = re.compile(rf"(?<![\w.\])])(?P<path>[aeiotv]{_KEYS})\.(?P<typed>\w*)\Z")
_PYTHON_KEY: Final = re.compile(
    rf"""(?<![\w.\])])(?P<path>[aeiotv]{_KEYS})\[(?:'|")(?P<typed>\w*)\Z"""
)
_METHOD: Final = re.compile(r"[\w\])'\"]\.(?P<typed>\w*)\Z")
_WORD: Final = re.compile(r"(?<![\w$@%])(?P<typed>[A-Za-z_]\w*)?\Z")
_PERL_KEY: Final = re.compile(
    r"""\$(?P<path>[aeiotv](?:(?:->)?(?:\{['"]?\w+['"]?\}|\[-?\w+\]))*)(?:->)?\{['"]?(?P<typed>\w*)\Z"""
)
_PERL_VARIABLE: Final = re.compile(r"(?P<sigil>[$@%])(?P<typed>\w*)\Z")
_PERL_FUNCTION: Final = re.compile(r"\$JCL->(?P<typed>\w*)\Z")
_PERL_PART: Final = re.compile(r"\{['\"]?(\w+)['\"]?\}|\[(-?\w+)\]")
_BOUND: Final = re.compile(
    r"""\bfor\s+(?P<loop>[\w\s,()]{1,200}?)\s+in\b | \bdef\s+(?P<function>\w+)\s*\((?P<parameters>[^)]{0,400})
      | \blambda\s+(?P<lambda>[^:]{0,200}): | (?<!\w)(?P<named>[A-Za-z_]\w*+)\s*+:=
      | (?:^|;)[ \t]*(?P<assigned>[A-Za-z_][\w \t,]{0,200}?)[ \t]*(?:[-+*%]|\*\*|//?)?=(?!=)""",
    re.M | re.X,
)
_NAME: Final = re.compile(r"(?<![\w.=])[A-Za-z_]\w*")
_MY: Final = re.compile(r"\bmy\s*\(?\s*([$@%]\w+(?:\s*,\s*[$@%]\w+)*)")

PYTHON_WORDS: Final = (
    *("and", "break", "continue", "def", "del", "elif", "else", "False", "for", "if", "in", "is"),
    *("lambda", "None", "not", "or", "pass", "return", "True", "while"),
)
PERL_WORDS: Final = (
    *("my", "if", "elsif", "else", "unless", "foreach", "for", "while", "until", "last", "next"),
    *("return", "and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "cmp", "x"),
)


def items(scene: Scene, before: str) -> tuple[str, Iterable[Item]]:
    """What is typed of a word in a block, and what it may become; `before` is the block up to the cursor."""
    slot = wanted.slot_of(expected(scene.place))
    if slot is None:
        slot = Slot(EXPRESSION)
    near = before[-_NEAR:]
    code = before.partition("[")[2].partition("[")[2]
    if _language(scene, before) == "perl":
        return _perl(scene, slot, code, near)
    return _python(scene, slot, code, near)


def _language(scene: Scene, before: str) -> str:
    """By the whole block; but what has just been typed counts too where the rest says nothing."""
    inside = scene.place.inside
    text = inside.text if inside is not None else before
    tag = text[1 : text.index("[", 1)] if "[" in text[1:] else ""
    start = len(tag) + 2
    block = ast.CodeBlock(span=Span(0, len(text)), tag=tag, code=text[start:])
    return language_of(block)[0]


# -- Python -------------------------------------------------------------------------------------------------------


def _python(scene: Scene, slot: Slot, before: str, near: str) -> tuple[str, Iterable[Item]]:
    if found := _PYTHON_MEMBER.search(near):
        steps = steps_of(found["path"])
        return found["typed"], _members_and_methods(scene, slot, steps)
    if found := _PYTHON_KEY.search(near):
        steps = steps_of(found["path"])
        return found["typed"], _keys(scene, slot, steps) if steps else ()
    if found := _METHOD.search(near):
        return found["typed"], _methods(STRING_METHODS | ARRAY_METHODS | OBJECT_METHODS)
    found = _WORD.search(near)
    return (found["typed"] or "" if found else ""), _python_words(slot, before)


def _python_words(slot: Slot, before: str) -> Iterator[Item]:
    yield from _objects(slot)
    for name in dict.fromkeys(_bound(before)):
        yield Item(name, ItemKind.VARIABLE, rank=1)
    yield from functions()
    for name in sorted(BUILTINS - BY_NAME.keys()):
        yield Item(name, ItemKind.FUNCTION, text=f"{name}(", snippet=f"{name}($1)", rank=6)
    for word in PYTHON_WORDS:
        yield Item(word, ItemKind.KEYWORD, rank=7)


def _bound(before: str) -> Iterator[str]:
    """The names that the text before the cursor binds."""
    for found in _BOUND.finditer(before):
        for part in filter(None, found.groups()):
            for entry in part.split(","):
                name = _NAME.search(entry)  # the first: what stands behind `=` is a default
                if name and name.group() not in PYTHON_WORDS:
                    yield name.group()


def _members_and_methods(scene: Scene, slot: Slot, steps: Steps | None) -> Iterator[Item]:
    if steps is None:
        return
    yield from _keys(scene, slot, steps)
    point = scene.point(slot)
    if not steps.keys:
        yield from _methods(OBJECT_METHODS)
    elif point is not None:
        yield from _methods(_methods_of(type_at(point, steps)))


def _methods_of(type: Type) -> frozenset[str]:
    """The methods of the values of a type; all where that is not known."""
    found: frozenset[str] = frozenset()
    for part in members_of(type):
        match part:
            case ArrayType():
                found |= ARRAY_METHODS
            case ObjectType():
                found |= OBJECT_METHODS
            case LiteralType(value=str()):
                found |= STRING_METHODS
            case _ if part is STRING:
                found |= STRING_METHODS
            case LiteralType():
                pass
            case _ if part.name in ("any", "unknown"):
                return STRING_METHODS | ARRAY_METHODS | OBJECT_METHODS
    return found


def _methods(names: Iterable[str]) -> Iterator[Item]:
    for name in sorted(names):
        yield Item(name, ItemKind.METHOD, text=f"{name}(", snippet=f"{name}($1)", rank=7)


# -- Perl ---------------------------------------------------------------------------------------------------------


def _perl(scene: Scene, slot: Slot, before: str, near: str) -> tuple[str, Iterable[Item]]:
    if found := _PERL_KEY.search(near):
        path = _PERL_PART.sub(_as_native, found["path"]).replace("->", "")
        steps = steps_of(path)
        return found["typed"], _keys(scene, slot, steps) if steps else ()
    if found := _PERL_FUNCTION.search(near):
        return found["typed"], functions()
    if found := _PERL_VARIABLE.search(near):
        return found["typed"], _perl_variables(slot, before, found["sigil"])
    found = _WORD.search(near)
    return (found["typed"] or "" if found else ""), _perl_words()


def _as_native(part: re.Match[str]) -> str:
    return f".{part[1]}" if part[1] else f"[{part[2]}]"


def _perl_variables(slot: Slot, before: str, sigil: str) -> Iterator[Item]:
    yield from _objects(slot)
    if sigil == "$":
        for word, detail in (("TRUE", "true"), ("FALSE", "false"), ("JCL", "the functions")):
            yield Item(word, ItemKind.VALUE, detail, rank=3)
    for group in _MY.findall(before):
        for variable in re.findall(r"\w+", group):
            yield Item(variable, ItemKind.VARIABLE, rank=1)


def _perl_words() -> Iterator[Item]:
    for name in sorted(PERL_BUILTINS):
        yield Item(name, ItemKind.FUNCTION, rank=2)
    for word in PERL_WORDS:
        yield Item(word, ItemKind.KEYWORD, rank=3)


# -- both ---------------------------------------------------------------------------------------------------------


def _objects(slot: Slot) -> Iterator[Item]:
    for root in dict.fromkeys(slot.place.readable + slot.place.writable):
        yield Item(
            root, ItemKind.OBJECT, keywords.OBJECTS[root], topic=Topic("object", root), rank=2
        )


def _keys(scene: Scene, slot: Slot, steps: Steps) -> Iterator[Item]:
    """Known keys that a block can name."""
    if steps.root not in slot.place.readable + slot.place.writable:
        return
    for name, field in scene.written_at(slot, steps).items():
        if name.isidentifier():
            yield member(steps, name, field)
