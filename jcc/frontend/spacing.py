"""What stands between the tokens of a line in good style: a blank, a tab, or nothing. By shape, as the grammar is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from lark import Token, Tree

from jcc.frontend.grammar import tree_of
from jcc.frontend.layout import Shape
from jcc.frontend.terminals import Terminal, terminals

NONE: Final = ""
BLANK: Final = " "
COLUMN: Final = "\t"
"""Between the columns of a declaration; a style that indents with blanks writes a blank."""

_TIGHT_BEFORE: Final = frozenset(
    {"COLON", "_COMMA", "RPAR", "RSQB", "RBRACE", "INDEX", "MEMBER", "QUESTION"}
)
_TIGHT_BEHIND: Final = frozenset({"LPAR", "INDEX", "LIST", "LBRACE"})
# Without a blank, these would open or close a code block.
_APART: Final = frozenset(
    {("INDEX", "CODE"), ("LIST", "CODE"), ("CODE", "RSQB"), ("LIST", "LIST"), ("INDEX", "LIST")}
)
_DECLARATIONS: Final = frozenset({"input_line", "output_line", "lock_line"})


class Gap(NamedTuple):
    """A terminal and what stands before it (nothing before the first)."""

    terminal: Terminal
    before: str


@lru_cache(maxsize=16384)
def gaps(rule: str, shape: Shape) -> tuple[Gap, ...]:
    """The terminals of a line that fits its rule, with the gaps between them. A `;` is left out. Raises `Unfit`."""
    line = terminals(rule, shape)
    tree = tree_of(rule, line)
    tight_before, tight_behind = _tight(tree)
    columns = _columns(rule, tree)
    found: list[Gap] = []
    tight = True
    for at, terminal in enumerate(line):
        if terminal.type == "_SEMI":
            continue
        pair = (found[-1].terminal.type if found else "", terminal.type)
        if pair in _APART:
            before = BLANK
        elif tight or at in tight_before or terminal.type in _TIGHT_BEFORE:
            before = NONE
        else:
            before = COLUMN if at in columns else BLANK
        found.append(Gap(terminal, before))
        tight = at in tight_behind or terminal.type in _TIGHT_BEHIND
    return tuple(found)


def _tight(tree: Tree[Token]) -> tuple[set[int], set[int]]:
    """The terminals before and behind which nothing stands because of what they are in the tree."""
    before: set[int] = set()
    behind: set[int] = set()
    for node in tree.iter_subtrees():
        children = node.children
        match node.data:
            case "unary" | "negative_label" if _leaf(children[0]).type != "NOT":
                behind.add(int(_leaf(children[0])))
            case "call" | "object":
                before.add(int(_leaf(children[1])))
            case "copy" | "copy_all":
                behind.add(int(_leaf(children[0])))
                before.add(int(_leaf(children[-1])))
                if node.data == "copy_all":
                    before.add(int(_leaf(children[1])))
            case _:
                pass
    return before, behind


def _columns(rule: str, tree: Tree[Token]) -> set[int]:
    """The terminals that begin the columns of a declaration."""
    if rule not in _DECLARATIONS:
        return set()
    return {_first(child) for child in tree.children}


def _first(node: Tree[Token] | Token) -> int:
    while isinstance(node, Tree):
        node = node.children[0]
    return int(node)


def _leaf(node: Tree[Token] | Token) -> Token:
    assert isinstance(node, Token), "the grammar has a token here"
    return node
