"""The part of a survey that is about one place: so that a question about it does not cost what the whole definition would."""

from __future__ import annotations

from jcc.frontend import ast
from jcc.frontend.survey import Survey


def near(survey: Survey, offset: int) -> Survey:
    """The entries of a survey in which an offset lies. Its maps are all there, for they are known by their numbers."""

    def is_near(node: ast.Node) -> bool:
        return node.span.start <= offset <= node.span.end

    return Survey(
        definition=survey.definition,
        reads=[read for read in survey.reads if is_near(read.path)],
        writes=[write for write in survey.writes if is_near(write.item)],
        copies=[copied for copied in survey.copies if is_near(copied.name)],
        maps=survey.maps,
        blocks=[block for block in survey.blocks if is_near(block.block)],
        calls=[call for call in survey.calls if is_near(call)],
        statements={
            kind: [node for node in nodes if is_near(node)]
            for kind, nodes in survey.statements.items()
        },
        callings=[node for node in survey.callings if is_near(node)],
    )
