"""What the lexer makes: kinds of tokens, the words of the language, and `Tokens`, a file's text cut into pieces.

A token's kind depends on its text alone. A word that means something anywhere in the language has a kind of its own
(the word itself); whether it means that here is decided later, by the line it stands in (`terminals`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from jcc.source import Source, Span

BLANK: Final = "BLANK"
NEWLINE: Final = "NEWLINE"
COMMENT: Final = "COMMENT"
DOC: Final = "DOC"
BLOCK_COMMENT: Final = "BLOCK_COMMENT"
NAME: Final = "NAME"
PATH: Final = "PATH"
QUOTED_PATH: Final = "QUOTED_PATH"
MEMBER: Final = "MEMBER"
NUMBER: Final = "NUMBER"
STRING: Final = "STRING"
REGEX: Final = "REGEX"
CODE: Final = "CODE"

# What the lexer could not read; each is reported once, from the tokens alone, and parsed as what it was meant to be.
BAD_COMMENT: Final = "BAD_COMMENT"
BAD_NAME: Final = "BAD_NAME"
BAD_NUMBER: Final = "BAD_NUMBER"
BAD_STRING: Final = "BAD_STRING"
BAD_REGEX: Final = "BAD_REGEX"
BAD_CODE: Final = "BAD_CODE"
BAD_CHARACTER: Final = "BAD_CHARACTER"

BAD: Final = frozenset(
    {BAD_COMMENT, BAD_NAME, BAD_NUMBER, BAD_STRING, BAD_REGEX, BAD_CODE, BAD_CHARACTER}
)
COMMENTS: Final = frozenset({COMMENT, DOC, BLOCK_COMMENT, BAD_COMMENT})
TRIVIA: Final = COMMENTS | {BLANK, NEWLINE}

OPENING: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = frozenset(OPENING.values())
ASSIGNMENTS: Final = frozenset({"=", ".=", "+=", "-=", "*=", "/=", "//=", "||=", ",="})
COMPARISONS: Final = frozenset({"<", ">", "<=", ">=", "==", "!="})
SYMBOLS: Final = (
    ASSIGNMENTS
    | COMPARISONS
    | CLOSING
    | OPENING.keys()
    | {
        "**",
        "=~",
        "~",
        "!~",
        "&&",
        "||",
        "//",
        "*",
        "/",
        "%",
        "+",
        "-",
        ".",
        "!",
        ":",
        ";",
        ",",
        "?",
    }
)

DEFINITIONS: Final = ("workflow", "action", "procedure")
SECTIONS: Final = {
    "interface": DEFINITIONS,
    "in": DEFINITIONS,
    "out": DEFINITIONS,
    "env": ("action", "procedure"),
    "wfenv": ("workflow",),
    "role": DEFINITIONS,
    "config": DEFINITIONS,
    "locks": ("workflow",),
    "wfomap": ("workflow",),
    "do": ("workflow",),
}
"""The sections, and the kinds of definition that each belongs to."""

STATEMENTS: Final = frozenset(
    {
        *("assert", "call", "callflow", "case", "detachflow", "eval", "goto", "if", "interface"),
        *("label", "let", "lock", "map", "raise_error", "raise_event", "repeat", "return"),
        *("sleep", "split", "subscribe", "try", "unlock", "unsubscribe", "wait_for_event"),
        *("wait_for_lock", "while"),
    }
)
FOLLOWERS: Final = {
    "into": ("call", "callflow", "wait_for_event"),
    "collect": ("map",),
    "when": ("case",),
    "elsif": ("if",),
    "else": ("if", "case"),
    "catch": ("try",),
    "until": ("repeat",),
}
"""The words that go on with a statement, and the statements that each goes on with."""

OPERATOR_WORDS: Final = frozenset({"x", "lt", "gt", "le", "ge", "eq", "ne", "and", "or", "xor"})
CONSTANTS: Final = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "null": None,
    "NULL": None,
}
WORDS: Final = frozenset(
    {*DEFINITIONS, *SECTIONS, *STATEMENTS, *FOLLOWERS, *OPERATOR_WORDS, *CONSTANTS}
    | {"not", "object", "using", "optional", "manual", "inherit"}
)
"""Every word with a kind of its own. None is reserved: each is a name where it cannot be a keyword."""


class Token(NamedTuple):
    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """A file's tokens in parallel lists: the texts, joined, are the file. `starts` has one more entry, the file's end,
    so that token `i` covers `starts[i]` to `starts[i + 1]`."""

    source: Source
    kinds: list[str]
    texts: list[str]
    starts: list[int]

    def __len__(self) -> int:
        return len(self.kinds)

    def __iter__(self) -> Iterator[Token]:
        return map(self.__getitem__, range(len(self.kinds)))

    def __getitem__(self, index: int) -> Token:
        return Token(self.kinds[index], self.texts[index], self.span(index))

    def span(self, index: int) -> Span:
        return Span(self.starts[index], self.starts[index + 1])

    def index_at(self, offset: int) -> int:
        """The index of the token that holds an offset (the last one for the end of the file); -1 in an empty file."""
        return min(bisect_right(self.starts, offset), len(self.kinds)) - 1
