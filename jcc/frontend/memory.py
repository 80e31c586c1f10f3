"""What is kept of the analysis of a definition for the next one, when it has been edited.

Everything is kept by node: a statement that the edit did not touch is the same node (`reparse`). Of the findings none is kept.
What is kept is that a part has none; so all places and words in findings are those of now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jcc.diagnostics import Diagnostic
from jcc.frontend import ast
from jcc.frontend.contracts import Contract
from jcc.frontend.homes import nodes_of
from jcc.frontend.inferred import Inferred
from jcc.frontend.retrace import Trace
from jcc.frontend.stretches import Surveyed
from jcc.frontend.tables import Survey

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock


@dataclass(slots=True)
class Memory:
    """`setting` is all that a definition's parts depend on besides their nodes and the `contracts` of those that they call: where
    it is another, nothing is known. `surveyed` has the tables of statements, `clean` the parts that have no findings of their
    own, `blocks` the code blocks with the offset that they were translated at, `others` the nodes outside of parts."""

    setting: object = None
    contracts: Mapping[str, Contract | None] = field(default_factory=dict)
    surveyed: Surveyed = field(default_factory=Surveyed)
    inferred: Inferred = field(default_factory=Inferred)
    trace: Trace = field(default_factory=Trace)
    clean: set[ast.Node] = field(default_factory=set)
    blocks: dict[ast.CodeBlock, tuple[int, TranslatedBlock]] = field(default_factory=dict)
    others: set[ast.Node] = field(default_factory=set)

    def enter(self, setting: object, contracts: Mapping[str, Contract | None]) -> None:
        """Forget what was found out where the setting or a contract is not that of before."""
        before = self.contracts
        same = all(before[name] == contracts[name] for name in before.keys() & contracts.keys())
        if self.setting != setting or not same:
            self.inferred, self.trace = Inferred(), Trace()
            self.clean.clear()
        self.setting, self.contracts = setting, contracts

    def keep_only(self, survey: Survey) -> None:
        """Forget the statements that are gone, and all in them."""
        self.surveyed.keep_only(survey)
        self.clean.intersection_update(survey.parts)
        sections = survey.definition.sections
        outside = [section for section in sections if not isinstance(section, ast.BodySection)]
        others = {node for section in outside for node in nodes_of(section)}
        # It may be the same tree as before, if only another file has changed.
        self.inferred.forget(self.others - others)
        self.others = others
        if len(self.blocks) > len(survey.blocks):
            blocks = {block.block for block in survey.blocks}
            self.blocks = {key: found for key, found in self.blocks.items() if key in blocks}

    def translated(
        self, block: ast.CodeBlock, translate: Callable[[], TranslatedBlock]
    ) -> TranslatedBlock:
        """A block's translation, which moves with it."""
        start = block.code_start
        known = self.blocks.get(block)
        if known is None:
            found = translate()
        elif known[0] == start:
            return known[1]
        else:
            found = known[1].moved(start - known[0])
        self.blocks[block] = start, found
        return found

    def unchecked(self, survey: Survey, changed: set[ast.Node]) -> list[ast.Node]:
        """The parts to be looked at, in the order of the source; the types in some of them have changed."""
        self.clean -= changed
        return [part for part in survey.parts if part not in self.clean]

    def checked(self, parts: Iterable[ast.Node], found: Iterable[Diagnostic]) -> None:
        """These parts have been looked at: those without findings are clean."""
        places = sorted(finding.span.start for finding in found)
        self.clean.update(part for part in parts if not _any_within(places, part))


def _any_within(places: list[int], part: ast.Node) -> bool:
    start, end = part.span
    at = bisect_left(places, start)
    return at < len(places) and places[at] <= end
