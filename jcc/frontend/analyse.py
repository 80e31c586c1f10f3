"""From a definition's tree to its semantic model, and all findings of families 2xx to 8xx in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jcc.diagnostics import Diagnostic
from jcc.frontend import ast
from jcc.frontend.checks import CHECKS, WORKFLOW_CHECKS
from jcc.frontend.checks.unit import Unit
from jcc.frontend.contracts import Contract, contract_of, statement_contract
from jcc.frontend.flow import build_flow
from jcc.frontend.infer import Known, infer
from jcc.frontend.model import SemanticModel
from jcc.frontend.schemas import Schemas, parse_type_name
from jcc.frontend.signatures import signature_of
from jcc.frontend.survey import Block, survey_definition
from jcc.frontend.symbols import Catalog, Signature

if TYPE_CHECKING:
    from jcc.frontend.codeblocks import TranslatedBlock


def analyse(
    definition: ast.Definition, path: str, catalog: Catalog, schemas: Schemas
) -> tuple[SemanticModel, tuple[Diagnostic, ...]]:
    """What is known of a definition, and what is wrong with it, in the order of the text. Never raises, whatever the tree;
    takes time in proportion to its size."""
    signature = signature_of(definition, path, catalog)
    model = SemanticModel(definition, signature, survey_definition(definition))
    model.blocks = {block.block: _translated(block) for block in model.survey.blocks}
    contracts = _contracts(model, catalog, schemas)
    declared = {entry.name: parse_type_name(entry.type, schemas) for entry in signature.inputs}
    model.known = Known(declared, contracts, model.blocks)
    _infer(model)
    unit = Unit(definition, path, catalog, schemas, model, contracts, declared)
    checks = CHECKS if not unit.is_workflow else (*CHECKS, *WORKFLOW_CHECKS)
    found = [diagnostic for block in model.blocks.values() for diagnostic in block.diagnostics]
    found += [diagnostic for check in checks for diagnostic in check(unit)]
    return model, tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))


def _translated(block: Block) -> TranslatedBlock:
    # Most files have no code block, and the translators take a while to load.
    from jcc.frontend.codeblocks import translate

    place = block.place
    if block.is_map:
        return translate(block.block, place.role, place.implicit)
    return translate(block.block, "value", "", place.readable)


def _contracts(
    model: SemanticModel, catalog: Catalog, schemas: Schemas
) -> Mapping[ast.Node, Contract]:
    """Look up every name that is called, and the contract of every statement that takes inputs."""
    by_name: dict[str, Contract | None] = {}

    def find(node: ast.Node, name: ast.Name) -> None:
        if name.text not in by_name:
            by_name[name.text] = _look_up(name.text, model.signature, catalog, schemas)
        contract = by_name[name.text]
        if contract is not None:
            model.callees[node] = contract.signature
            found[node] = contract

    found: dict[ast.Node, Contract] = {}
    for node in model.survey.callings:
        if isinstance(node, ast.InterfaceCall):
            find(node, node.interface)
            for name in node.destinations:
                find(name, name)
        else:
            find(node, node.callee)
    for use in model.survey.maps:
        contract = statement_contract(use.owner)
        if contract is not None:
            found[use.owner] = contract
    return found


def _look_up(name: str, own: Signature, catalog: Catalog, schemas: Schemas) -> Contract | None:
    signature = own if name == own.name else catalog.get(name)
    return None if signature is None else contract_of(signature, schemas)


def _infer(model: SemanticModel) -> None:
    """Fill the model's tables. Actions and procedures have constants only: their flow is a start and an end."""
    flow = build_flow(model.definition)
    model.inferred = infer(model.survey, flow, model.known)
    if model.definition.kind == "workflow":
        model.flow = flow
