"""Where a definition reads and sets the arguments and variables of its job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.mapping import is_conditional
from jcc.frontend.model import SemanticModel
from jcc.source import Span


class Mention(NamedTuple):
    """`root` is `a` or `v`. What is changed in part, or only under a condition, is read as well as written."""

    root: str
    name: str
    span: Span
    reads: bool
    writes: bool


def mentions(model: SemanticModel) -> Iterator[Mention]:
    """All mentions in a definition."""
    survey = model.survey
    for path, _, _ in survey.reads:
        name = _first_name(path)
        if path.root in ("a", "v") and name is not None:
            yield Mention(path.root, name, path.span, True, False)
    for write in survey.writes:
        if write.root == "v" and write.name is not None:
            item = write.item
            whole = item.op == "=" and len(item.target.keys) == 1 and not is_conditional(item)
            yield Mention("v", write.name, item.target.span, not whole, True)
    for copied, use in survey.copies:
        if use.place.source == "v":
            yield Mention("v", copied.text, copied.span, True, False)
        if use.place.implicit == "v":
            yield Mention("v", copied.text, copied.span, False, True)
    for block in survey.blocks:
        for mention in model.blocks[block.block].names:
            if mention.letter in "av":
                reads, writes = not mention.write, mention.write
                yield Mention(mention.letter, mention.key, mention.span, reads, writes)


def _first_name(path: ast.Path) -> str | None:
    match path.keys[:1]:
        case (ast.Field(name=name),):
            return name.text
        case (ast.Index(value=ast.Literal(value=str(text))),):
            return text
        case _:
            return None


def is_in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
