"""Which names of a job's objects a definition reads and writes at all, native code and code blocks together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jcc.frontend import ast
from jcc.frontend.tables import Block, Survey, Tables

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock


@dataclass(slots=True)
class Usage:
    """Names by object. `reads_all` and `writes_all` have the objects of which anything may be read or written."""

    read: dict[str, set[str]] = field(default_factory=lambda: {root: set() for root in "aeiotv"})
    written: dict[str, set[str]] = field(default_factory=lambda: {root: set() for root in "aeiotv"})
    reads_all: set[str] = field(default_factory=set)
    writes_all: set[str] = field(default_factory=set)
    opaque: set[ast.Map] = field(default_factory=set)

    def add(self, other: Usage) -> None:
        """Add what another part of the definition reads and writes."""
        for root, names in other.read.items():
            self.read[root] |= names
        for root, names in other.written.items():
            self.written[root] |= names
        self.reads_all |= other.reads_all
        self.writes_all |= other.writes_all
        self.opaque |= other.opaque

    def may_read(self, root: str, name: str) -> bool:
        return root in self.reads_all or name in self.read[root]

    def reads_all_written(self, root: str) -> bool:
        """Whether every name of an object that is written may be read."""
        return root in self.reads_all or self.written[root] <= self.read[root]

    def may_write(self, root: str, name: str) -> bool:
        return root in self.writes_all or name in self.written[root]


def usage_of(survey: Survey, blocks: Mapping[ast.CodeBlock, TranslatedBlock]) -> Usage:
    usage = Usage()
    for found in survey.each(_usage_of, blocks):
        usage.add(found)
    return usage


def _usage_of(survey: Tables, blocks: Mapping[ast.CodeBlock, TranslatedBlock]) -> Usage:
    usage = Usage()
    if survey.reads_hidden:
        usage.reads_all.update("aeiotv")
    if survey.writes_hidden:
        usage.writes_all.update("aeiotv")
    for path, _, _ in survey.reads:
        if path.root is not None:
            _note(usage.read[path.root], usage.reads_all, path.root, path)
    for write in survey.writes:
        if write.root in usage.written:
            if write.name is None:
                usage.writes_all.add(write.root)
            else:
                usage.written[write.root].add(write.name)
    for name, use in survey.copies:
        if use.place.source:
            usage.read[use.place.source].add(name.text)
        usage.written[use.place.implicit].add(name.text)
    for _, use in survey.everything:
        usage.reads_all.add(use.place.source)
        usage.writes_all.add(use.place.implicit)
    for block in survey.blocks:
        _note_block(usage, block, blocks[block.block])
    return usage


def _note(names: set[str], all_of: set[str], root: str, path: ast.Path) -> None:
    first = path.keys[0] if path.keys else None
    if isinstance(first, ast.Field):
        names.add(first.name.text)
    elif isinstance(first, ast.Index) and isinstance(first.value, ast.Literal):
        names.add(str(first.value.value))
    else:
        all_of.add(root)


def _note_block(usage: Usage, block: Block, translated: TranslatedBlock) -> None:
    facts = translated.facts
    for root, name in facts.reads:
        usage.read[root].add(name)
    for root, name in facts.writes:
        usage.written[root].add(name)
    if not facts.complete:
        usage.reads_all.update(block.place.readable)
        if block.is_map and block.use is not None:
            usage.writes_all.update(block.place.writable)
            usage.opaque.add(block.use.map)
