"""A workflow's picture straight from its model, without its code: for editors, where the text changes all the time."""

from __future__ import annotations

from typing import Final

from jcc.backend.emit_program import emit_program
from jcc.backend.graph import to_dot, to_mermaid
from jcc.backend.graph_svg import to_svg
from jcc.backend.lower import lower_workflow
from jcc.frontend.model import SemanticModel
from jcc.source import Source
from jobcenter.artifact import Definition

FORMATS: Final = {"dot": to_dot, "mermaid": to_mermaid, "svg": to_svg}


def draw(source: Source, model: SemanticModel, format: str) -> str:
    """The task graph of a workflow without errors in one of FORMATS."""
    definition = model.definition
    # The limits are in no picture.
    program = emit_program(lower_workflow(definition, model), source, max_steps=0, max_depth=0)
    name = definition.name.text
    return FORMATS[format](Definition("workflow", name, source.text, source.path, program=program))
