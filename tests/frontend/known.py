"""All that is known of the definitions in `edited.wf`, by place and name: to be held against what another workspace knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from jcc.workspace import Workspace, analysed, courses


def types_of(workspace: Workspace) -> list[object]:
    """All that inference found, by place and name instead of node and slot."""
    found: list[object] = []
    for analysis in analysed(workspace, "edited.wf"):
        inferred = analysis.model.inferred
        tables = (inferred.types, inferred.copied, inferred.closed, inferred.absent)
        found += [by_place(table) for table in (*tables, inferred.blocked, inferred.appended)]
        found += [by_place(dict.fromkeys(inferred.unset)), inferred.reached]
        found.append(
            {
                id: {name: state.get(slot) for name, slot in inferred.slots.items()}
                for id, state in inferred.states.items()
            }
        )
    return found


def orders_of(workspace: Workspace) -> list[object]:
    """Which step follows which, and which steps every path passes."""
    found: list[object] = []
    for course in courses(workspace, "edited.wf"):
        flow = course.flow
        steps = [
            (node.id, node.origin.span, type(node.origin), node.next, node.edges, node.on_error)
            for node in flow.nodes.values()
        ]
        jumps = [*flow.labels.values(), *flow.gotos, *flow.unknown_labels, *flow.duplicate_labels]
        found += [steps, [(type(jump), jump.span) for jump in jumps], course.sure]
    return found


def by_place(table: Mapping[Any, object]) -> Counter[tuple[object, ...]]:
    """The values themselves and not how they are shown: of two equal unions the members may come in another order."""
    entries: Iterable[tuple[Any, object]] = table.items()
    return Counter((node.span, type(node).__name__, value) for node, value in entries)
