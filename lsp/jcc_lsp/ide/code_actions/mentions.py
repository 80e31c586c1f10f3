"""Where a definition reads and sets the arguments and variables of its job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.mapping import is_conditional
from jcc.frontend.model import SemanticModel
from jcc.source import Span


class Mention(NamedTuple):
    """`root` is `a` or `v`; `span` covers `v.name`, or the name alone where it has no letter before it (`is_bare`). What is
    changed in part, or only under a condition, is read as well as written."""

    root: str
    name: str
    span: Span
    reads: bool
    writes: bool
    is_bare: bool = False


def mentions(model: SemanticModel) -> Iterator[Mention]:
    """All mentions in a definition."""
    survey = model.survey
    for path, _, _ in survey.reads:
        name = first_name(path)
        if path.root in ("a", "v") and name is not None:
            yield Mention(path.root, name, head_of(path), True, False)
    for write in survey.writes:
        if write.root == "v" and write.name is not None:
            item = write.item
            whole = item.op == "=" and len(item.target.keys) == 1 and not is_conditional(item)
            is_bare = item.target.root is None
            yield Mention("v", write.name, head_of(item.target), not whole, True, is_bare)
    for copied, use in survey.copies:
        if use.place.source == "v":
            yield Mention("v", copied.text, copied.span, True, False, True)
        if use.place.implicit == "v":
            yield Mention("v", copied.text, copied.span, False, True, True)
    for block in survey.blocks:
        for mention in model.blocks[block.block].names:
            if mention.letter in "av":
                reads, writes = not mention.write, mention.write
                yield Mention(mention.letter, mention.key, mention.span, reads, writes, True)


def first_name(path: ast.Path) -> str | None:
    """The first key of a path, if it is known."""
    match path.keys[:1]:
        case (ast.Field(name=name),):
            return name.text
        case (ast.Index(value=ast.Literal(value=str(text))),):
            return text
        case _:
            return None


def head_of(path: ast.Path) -> Span:
    """A path up to its first key."""
    return Span(path.span.start, path.keys[0].span.end if path.keys else path.span.end)


def is_in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
