"""From a definition's tree to its semantic model, and all findings of families 2xx to 8xx in it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING

from jcc.diagnostics import Diagnostic
from jcc.frontend import ast
from jcc.frontend.checks import CHECKS, WORKFLOW_CHECKS
from jcc.frontend.checks.unit import Unit
from jcc.frontend.contracts import Contract, contract_of, names_called
from jcc.frontend.flow import FlowGraph, build_flow
from jcc.frontend.infer import Known, infer, infer_again
from jcc.frontend.memory import Memory
from jcc.frontend.model import SemanticModel
from jcc.frontend.schemas import Schemas, parse_type_name
from jcc.frontend.signatures import constant_value, signature_of
from jcc.frontend.survey import survey_definition, survey_parts
from jcc.frontend.symbols import Catalog, Signature
from jcc.frontend.tables import Block

if TYPE_CHECKING:
    from jcc.frontend.codeblocks import TranslatedBlock


def analyse(
    definition: ast.Definition,
    path: str,
    catalog: Catalog,
    schemas: Schemas,
    flow: FlowGraph | None = None,
    memory: Memory | None = None,
) -> tuple[SemanticModel, tuple[Diagnostic, ...]]:
    """What is known of a definition, and what is wrong with it, in the order of the text. Never raises, whatever the tree;
    takes time in proportion to its size. With the `memory` of its analysis before it was edited the outcome is the same,
    in less time. `flow` is the definition's, for who has it already."""
    signature = signature_of(definition, path, catalog)
    survey = survey_definition(definition, None if memory is None else memory.surveyed)
    model = SemanticModel(definition, signature, survey)
    model.blocks = {block.block: _translated(block, memory) for block in survey.blocks}
    looked_up = _look_up_all(model, catalog, schemas)
    contracts = {name: found for name, found in looked_up.items() if found is not None}
    model.callees = {name: found.signature for name, found in contracts.items()}
    declared = {entry.name: parse_type_name(entry.type, schemas) for entry in signature.inputs}
    model.known = Known(declared, contracts, model.blocks)
    flow = flow or build_flow(definition)
    # Actions and procedures have constants only: their flow is a start and an end.
    model.flow = flow if definition.kind == "workflow" else None
    unit = Unit(definition, path, catalog, schemas, model, contracts, declared)
    unchecked = None
    if memory is None:
        model.inferred = infer(survey, flow, model.known)
    else:
        memory.enter(_setting(unit), looked_up)
        memory.keep_only(survey)
        model.inferred = memory.inferred
        changed = infer_again(survey, flow, model.known, memory.inferred, memory.trace)
        unchecked = memory.unchecked(survey, changed)
        unit.unchecked = survey_parts(definition, unchecked)
    checks = CHECKS if not unit.is_workflow else (*CHECKS, *WORKFLOW_CHECKS)
    found = [diagnostic for check in checks for diagnostic in check(unit)]
    if memory is not None and unchecked is not None:
        memory.checked(unchecked, found)
    found += [diagnostic for block in model.blocks.values() for diagnostic in block.diagnostics]
    return model, tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))


def _setting(unit: Unit) -> object:
    """All that the types and findings in a part depend on besides the part itself and whom it calls."""
    environment = [
        (constant.name.text, type(constant.value), repr(constant_value(constant.value)))
        for section in unit.survey.sections(ast.ConstantSection)
        if section.keyword == "wfenv"
        for constant in section.entries
    ]
    return unit.definition.kind, unit.declared, environment, unit.schemas


def _translated(block: Block, memory: Memory | None) -> TranslatedBlock:
    if memory is None:
        return _translate(block)
    return memory.translated(block.block, lambda: _translate(block))


def _translate(block: Block) -> TranslatedBlock:
    # Most files have no code block, and the translators take a while to load.
    from jcc.frontend.codeblocks import translate

    place = block.place
    if block.is_map:
        return translate(block.block, place.role, place.implicit)
    return translate(block.block, "value", "", place.readable)


def _look_up_all(
    model: SemanticModel, catalog: Catalog, schemas: Schemas
) -> Mapping[str, Contract | None]:
    """The contract of every name that is called."""
    names = dict.fromkeys(chain.from_iterable(model.survey.each(names_called)))
    return {name: _look_up(name, model.signature, catalog, schemas) for name in names}


def _look_up(name: str, own: Signature, catalog: Catalog, schemas: Schemas) -> Contract | None:
    signature = own if name == own.name else catalog.get(name)
    return None if signature is None else contract_of(signature, schemas)
