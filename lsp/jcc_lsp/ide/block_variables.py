"""The variables that a code block has for itself, as symbols. Their owner is the scope in the block."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.frontend.codeblocks.block import LETTERS, Local
from jcc.frontend.codeblocks.perl.locals import locals_of as perl_locals
from jcc.frontend.codeblocks.python_locals import locals_of as python_locals
from jcc.frontend.codeblocks.python_names import FUNCTIONS, RUNTIME
from jcc.frontend.model import SemanticModel
from jcc.frontend.tables import Block
from jcc.workspace import Workspace, analysed
from jcc_lsp.ide.symbols import Form, Kind, Occurrence, Role, Symbol, place_name


def block_variables(
    path: str, number: int, model: SemanticModel, offset: int | None = None
) -> Iterator[Occurrence]:
    """The mentions in the blocks of definition number `number` of a file; in the block at an offset alone, if there is one."""
    for place, block in enumerate(model.survey.blocks):
        span = block.block.span
        if offset is None or span.start <= offset <= span.end:
            for local in _locals(model, block):
                if local.span is not None:
                    symbol = _symbol(path, number, place, local)
                    role = Role.WRITE if local.write else Role.READ
                    yield Occurrence(local.span, symbol, role, Form.BLOCK)


def beside(workspace: Workspace, symbol: Symbol) -> set[str]:
    """The names that a variable of a block cannot have: those of the block's other variables, of functions and of objects."""
    path = symbol.owner.partition("@")[2]
    for number, analysis in enumerate(analysed(workspace, path)):
        for place, block in enumerate(analysis.model.survey.blocks):
            found = _locals(analysis.model, block)
            if any(_symbol(path, number, place, local) == symbol for local in found):
                names = {local.name for local in found}
                return names | FUNCTIONS | RUNTIME | set(LETTERS)
    return set()


def has_hidden(workspace: Workspace, symbol: Symbol) -> bool:
    """Whether a variable of a block is mentioned where nobody can say the place."""
    path = symbol.owner.partition("@")[2]
    return any(
        local.span is None and _symbol(path, number, place, local) == symbol
        for number, analysis in enumerate(analysed(workspace, path))
        for place, block in enumerate(analysis.model.survey.blocks)
        for local in _locals(analysis.model, block)
    )


def _symbol(path: str, number: int, place: int, local: Local) -> Symbol:
    owner = place_name(path, number, f"{place}.{local.scope}")
    return Symbol(Kind.BLOCK_VARIABLE, local.name, owner)


def _locals(model: SemanticModel, block: Block) -> tuple[Local, ...]:
    translated, node = model.blocks.get(block.block), block.block
    if translated is None:
        return ()
    if translated.language == "python":
        return python_locals(node.code, node.code_start, block.place.readable)
    return perl_locals(node.code, node.code_start)
