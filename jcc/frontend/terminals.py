"""From the tokens of a line to the terminals of its grammar rule: the one place that knows when a word is a keyword.

Words are keywords only where they can be: `in`, `lock` or `x` are names wherever a name may stand. What a word is
depends on the rule, on the kinds of the tokens before it and on the one behind it, never on anybody's text, so that
all lines of one shape share one parse.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from jcc.frontend import tokens as kinds
from jcc.frontend.layout import Shape
from jcc.frontend.tokens import (
    BAD_CHARACTER,
    CONSTANTS,
    DEFINITIONS,
    FOLLOWERS,
    SECTIONS,
    STATEMENTS,
    TRIVIA,
    WORDS,
)


class Terminal(NamedTuple):
    """A terminal and the tokens of the line that it stands for: `first` to `last`, both included."""

    type: str
    first: int
    last: int


_SYMBOLS: Final = {
    **{kind: kind for kind in (kinds.PATH, kinds.QUOTED_PATH, kinds.MEMBER, kinds.NUMBER)},
    **{kind: kind for kind in (kinds.STRING, kinds.REGEX, kinds.CODE)},
    kinds.BAD_STRING: "STRING",
    kinds.BAD_NUMBER: "NUMBER",
    kinds.BAD_REGEX: "REGEX",
    kinds.BAD_CODE: "CODE",
    **dict.fromkeys((".=", "+=", "-=", "*=", "/=", "//=", "||=", ",="), "COMPOUND"),
    **dict.fromkeys(("<=", ">="), "ORDER"),
    **dict.fromkeys(("==", "!="), "EQUALITY"),
    **dict.fromkeys(("||", "//"), "FALLBACK"),
    **dict.fromkeys(("/", "%"), "TIMES"),
    **dict.fromkeys(("=~", "~"), "MATCH"),
    **{"=": "ASSIGN", "<": "LESS", ">": "GREATER", "&&": "BOTH", "*": "STAR", "**": "POWER"},
    **{"+": "PLUS", "-": "MINUS", ".": "DOT", "!": "BANG", ":": "COLON", ";": "_SEMI"},
    **{",": "_COMMA", "?": "QUESTION", "(": "LPAR", ")": "RPAR", "[": "INDEX", "]": "RSQB"},
    **{"{": "LBRACE", "}": "RBRACE", "!~": "NOT_MATCH"},
}
_OPERATORS: Final = {
    **dict.fromkeys(("lt", "gt", "le", "ge"), "ORDER"),
    **dict.fromkeys(("eq", "ne"), "EQUALITY"),
    **dict.fromkeys(("or", "xor"), "OR"),
    "and": "AND",
    "x": "TIMES",
}
OPERATORS: Final = frozenset(_OPERATORS.values()) | {
    *("BANG", "MINUS", "PLUS", "DOT", "STAR", "TIMES", "POWER", "MATCH", "NOT_MATCH"),
    *("LESS", "GREATER", "ORDER", "EQUALITY", "BOTH", "FALLBACK", "NOT"),
}
"""The types of the terminals that combine values."""

_KEYWORDS: Final = {
    "definition": dict.fromkeys(DEFINITIONS, "DEFINITION"),
    "section": {**dict.fromkeys(SECTIONS, "SECTION"), "interface": "INTERFACE"},
    "selector": {"call": "CALL"},
    "statement": {
        **dict.fromkeys(STATEMENTS | FOLLOWERS.keys(), "BARE"),
        **dict.fromkeys(("call", "callflow", "detachflow", "interface", "wait_for_lock"), "NAMED"),
        **dict.fromkeys(("if", "elsif", "while", "case", "assert"), "CONDITIONAL"),
        **{"raise_error": "RAISE", "sleep": "SLEEP", "lock": "LOCK", "unlock": "UNLOCK"},
        **{"label": "LABEL", "goto": "GOTO"},
        **{"map": "MAP", "when": "WHEN", "until": "UNTIL", "return": "RETURN"},
    },
}
_TRAILING: Final = {
    "output_line": {"optional": "OPTIONAL"},
    "lock_line": {"manual": "MANUAL", "inherit": "INHERIT"},
    "MAP": {"using": "USING"},
}
# How many names a line begins with, behind its keyword if it has one.
_NAMES: Final = {
    **dict.fromkeys(("DEFINITION", "INTERFACE", "NAMED", "MAP"), 1),
    **dict.fromkeys(("LOCK", "UNLOCK", "LABEL", "GOTO"), 1),
    **dict.fromkeys(("constant_line", "role_line", "lock_line", "destination", "map_line"), 1),
    **dict.fromkeys(("input_line", "output_line"), 2),
}
_TYPED: Final = frozenset({"input_line", "output_line"})
# Where a value follows the names; elsewhere an operator does.
_VALUE_FOLLOWS: Final = frozenset({"input_line", "lock_line", "LOCK", "UNLOCK"})
_HAS_NAMES: Final = _NAMES.keys() - _VALUE_FOLLOWS
_NAME_KINDS: Final = WORDS | {kinds.NAME, kinds.BAD_NAME, kinds.BAD_NUMBER}
_QUOTED_NAMES: Final = frozenset({kinds.STRING, kinds.PATH, kinds.QUOTED_PATH, kinds.BAD_STRING})
_ENDS_VALUE: Final = frozenset(
    {"NAME", "CONSTANT", "OBJECT", "OPTIONAL", "MANUAL", "INHERIT", "PATH", "QUOTED_PATH", "MEMBER"}
    | {"NUMBER", "STRING", "REGEX", "CODE", "RPAR", "RSQB", "RBRACE"}
)


def terminals(rule: str, shape: Shape) -> list[Terminal]:
    """The terminals of a line of this shape when `rule` parses it."""
    return _Reader(rule, shape).read()


class _Reader:
    """Goes once through a line: keyword, names, suffixes of a type, and then values and operators in turn."""

    def __init__(self, rule: str, shape: Shape) -> None:
        self.rule = rule
        self.shape = shape
        self.context = rule  # the keyword's terminal, once there is one
        skipped = TRIVIA | {BAD_CHARACTER}
        self.line = [index for index, kind in enumerate(shape) if kind not in skipped]
        self.at = 0
        self.found: list[Terminal] = []

    def read(self) -> list[Terminal]:
        if keyword := _KEYWORDS.get(self.rule, {}).get(self.kind()):
            self.context = keyword
            self.take(keyword)
        for _ in range(_NAMES.get(self.context, 0)):
            self.take_name()
        while self.rule in _TYPED and (self.kind() in ("]", "?") or self.is_index()):
            self.take(_SYMBOLS[self.kind()])
        self.take_rest()
        return self.found

    def kind(self, ahead: int = 0) -> str:
        """The kind of the next token, or '' at the end."""
        at = self.at + ahead
        return self.shape[self.line[at]] if at < len(self.line) else ""

    def take(self, terminal: str) -> None:
        index = self.line[self.at]
        self.found.append(Terminal(terminal, index, index))
        self.at += 1

    def take_name(self) -> None:
        kind = self.kind()
        if kind in _NAME_KINDS:
            self.take("NAME")
        elif kind in _QUOTED_NAMES:
            self.take(_SYMBOLS[kind])

    def is_index(self) -> bool:
        """Whether the next token is a `[` that stands close behind something, as in `v.a[0]` and `string[]`."""
        behind = self.line[self.at] - 1 if self.at < len(self.line) else -1
        return self.kind() == "[" and behind >= 0 and self.shape[behind] not in TRIVIA

    def take_rest(self) -> None:
        only_names = self.context == "WHEN" or (self.rule == "map_line" and self.kind() == "<")
        value = self.context not in _HAS_NAMES or not self.found
        while kind := self.kind():
            if kind not in _NAME_KINDS or kind == kinds.BAD_NUMBER:
                terminal = _SYMBOLS[kind]
                if kind == "[" and (value or (self.rule == "input_line" and not self.is_index())):
                    terminal = "LIST"
            elif only_names:
                terminal = "NAME"
            else:
                terminal = self.word(kind, value)
            self.take(terminal)
            value = terminal not in _ENDS_VALUE

    def word(self, kind: str, value: bool) -> str:
        """What a word is where a value may begin (`value`) or, otherwise, where an operator may stand."""
        following = self.kind(1)
        if not value:
            trailing = _TRAILING.get(self.context, {})
            return _OPERATORS.get(kind) or trailing.get(kind, "NAME")
        # In `object(true: 1)` it is a key; in `while true:` the colon ends the line.
        if kind in CONSTANTS and (following != ":" or self.kind(2) == ""):
            return "CONSTANT"
        if kind == "not" and following != ":":
            return "NOT"
        return "OBJECT" if kind == "object" and following == "(" else "NAME"
