"""The grammar as lark parses it: `jcl.lark`, fed with terminals that our own lexer made.

The tables are made when the first line is parsed, or read from the user's cache directory, which takes a tenth of the
time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import Lexer

from jcc.frontend.build import Piece
from jcc.frontend.build_lines import LineBuilders
from jcc.frontend.terminals import Terminal

RULES: Final = (
    *("definition", "section", "input_line", "output_line", "constant_line", "role_line"),
    *("lock_line", "map_line", "statement", "selector", "destination", "message"),
)
"""The start rules of the grammar: the kinds of lines."""


class Unfit(Exception):
    """The terminal at `at` does not fit; where the line ends too early, `at` is the number of its terminals."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class TerminalFeed(Lexer):
    """Lark's place for a lexer. It is never asked for a token: `_feed` pushes them."""

    def __init__(self, _: object) -> None:
        pass

    def lex(self, *_: object) -> Iterator[Token]:
        raise AssertionError("terminals are fed, not lexed")


def piece_of(rule: str, terminals: Sequence[Terminal]) -> Piece[Any]:
    """Parse a line to the piece that builds its node. Raises `Unfit`."""
    piece: Piece[Any] = _feed(_builders(), rule, terminals)
    return piece


def tree_of(rule: str, terminals: Sequence[Terminal]) -> Tree[Any]:
    """Parse a line to lark's tree; its leaves are numbers of terminals. Raises `Unfit`."""
    tree: Tree[Any] = _feed(_trees(), rule, terminals)
    return tree


def accepts_behind(rule: str, terminals: Sequence[Terminal]) -> frozenset[str]:
    """The types of the terminals that may follow these, which are a good beginning; `$END` for the end of the line."""
    state = _builders().parse_interactive(start=rule)
    for terminal in terminals:
        state.feed_token(_token(0, terminal))
    accepts: set[str] = state.accepts()  # type: ignore[no-untyped-call]  # lark has no type here
    return frozenset(accepts)


def _feed(lark: Lark, rule: str, terminals: Sequence[Terminal]) -> Any:
    state = lark.parse_interactive(start=rule)
    at = 0
    try:
        for at, terminal in enumerate(terminals):
            state.feed_token(_token(at, terminal))
        at = len(terminals)
        return state.feed_token(Token("$END", ""))
    except UnexpectedToken:
        raise Unfit(at) from None


def _token(at: int, terminal: Terminal) -> Token:
    return Token(terminal.type, str(at), start_pos=terminal.first, end_pos=terminal.last)


@cache
def _builders() -> Lark:
    return _lark(LineBuilders())


@cache
def _trees() -> Lark:
    return _lark(None)


def _lark(transformer: Any) -> Lark:
    return Lark(
        files("jcc.frontend").joinpath("jcl.lark").read_text("utf-8"),
        start=list(RULES),
        parser="lalr",
        lexer=TerminalFeed,
        maybe_placeholders=False,
        transformer=transformer,
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    """Where lark keeps the tables (it checks that they are of this grammar); None where nothing can be kept. Lark reads
    them by pickle, which runs what it reads: so the folder must be ours, and nobody else may write to it."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jobcenter-jcc"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except (OSError, RuntimeError):  # no home, or none that may be written
        return None
    if os.name != "nt" and (state.st_uid != os.geteuid() or state.st_mode & 0o022):
        return None
    return str(folder / f"grammar-{sys.implementation.cache_tag}.bin")
