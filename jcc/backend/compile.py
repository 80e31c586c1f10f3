"""Compilation of one definition: its tree and what is known of it become the artifact that is deployed.

Expects a definition without errors. The only findings made here are those about code blocks that the sandbox refuses.
"""

from __future__ import annotations

import importlib.util
import marshal
from collections.abc import Mapping

from jcc.backend.constants import constant
from jcc.backend.emit_program import emit_program
from jcc.backend.emit_python import GeneratedModule, emit_module
from jcc.backend.ir import InternalError
from jcc.backend.lower import lower_workflow
from jcc.backend.source_map import jcl_line
from jcc.diagnostics import Diagnostic
from jcc.diagnostics.code import BLOCK_SYNTAX
from jcc.frontend import ast, symbols
from jcc.frontend.codeblocks import translate
from jcc.frontend.model import SemanticModel
from jcc.source import Source, Span
from jobcenter import artifact
from jobcenter.artifact import Json
from jobcenter.sandbox import SandboxRejected, compile_module

# Later versions share equal parts by reference counts, which depend on what else the process has loaded.
_MARSHAL_VERSION = 2


def compile_definition(
    source: Source, definition: ast.Definition, model: SemanticModel
) -> tuple[artifact.Definition, tuple[Diagnostic, ...]]:
    """The artifact of a workflow, an action or a procedure of the file `source`. Same source, same bytes.

    A workflow whose code blocks are refused has no `module`, and the diagnostics say why. Raises InternalError for a
    broken tree, and for every other thing that is the compiler's fault."""
    settings = _constants(definition, "config")
    program, module = None, None
    diagnostics: tuple[Diagnostic, ...] = ()
    if definition.kind == "workflow":
        graph = lower_workflow(definition, model)
        program = emit_program(
            graph, source, _limit(settings, "max_steps", 100), _limit(settings, "max_depth", 10)
        )
        generated = emit_module(graph, source, translate)
        module, diagnostics = _module(generated, graph.name, source)
    signature = model.signature
    compiled = artifact.Definition(
        kind=definition.kind,
        name=definition.name.text,
        source=source.text,
        path=source.path,
        inputs=tuple(_input(entry) for entry in signature.inputs),
        outputs=tuple(_output(entry) for entry in signature.outputs),
        environment=tuple(_input(entry) for entry in signature.environment),
        roles=_roles(definition),
        wfenv=_constants(definition, "wfenv"),
        config=settings,
        interface=signature.interface,
        doc=definition.doc,
        program=program,
        module=module,
    )
    return compiled, diagnostics


def _module(
    generated: GeneratedModule, name: str, source: Source
) -> tuple[artifact.Module | None, tuple[Diagnostic, ...]]:
    """The module with its bytecode, or why there is none: errors in code blocks that no check has told, or the
    sandbox does not take it."""
    if generated.errors:
        return None, generated.errors
    try:
        # The file name is part of the bytecode: it must not tell where the file lay.
        code = compile_module(generated.python, f"<workflow {name}>")
    except SandboxRejected as refused:
        return None, tuple(
            BLOCK_SYNTAX.at(_place(generated, source, line), problem=problem)
            for line, problem in refused.findings
        )
    return (
        artifact.Module(
            generated.python,
            marshal.dumps(code, _MARSHAL_VERSION),
            importlib.util.MAGIC_NUMBER,
            generated.source_map,
        ),
        (),
    )


def _place(generated: GeneratedModule, source: Source, python_line: int) -> Span:
    """The text of the JCL line that a line of the module comes from."""
    start, end = source.line_span(jcl_line(generated.source_map, python_line) or 1)
    text = source.text[start:end]
    return Span(start + len(text) - len(text.lstrip()), end)


def _constants(definition: ast.Definition, keyword: str) -> dict[str, Json]:
    """The entries of `wfenv:` or `config:`."""
    return {
        entry.name.text: constant(entry.value)
        for section in definition.sections
        if isinstance(section, ast.ConstantSection) and section.keyword == keyword
        for entry in section.entries
    }


def _limit(settings: Mapping[str, Json], key: str, default: int) -> int:
    value = settings.get(key, default)
    if not isinstance(value, int):
        raise InternalError(f"`{key}` is checked to be an integer, but is {value!r}")
    return value


def _roles(definition: ast.Definition) -> tuple[str, ...]:
    return tuple(
        role.text
        for section in definition.sections
        if isinstance(section, ast.RoleSection)
        for role in section.roles
    )


def _input(entry: symbols.Input) -> artifact.Input:
    return artifact.Input(
        entry.name, entry.type, not entry.required, _json(entry.default), entry.doc
    )


def _json(value: object) -> Json:
    """A default as signatures hold it: arrays and objects as tuples that begin with their kind."""
    if not isinstance(value, tuple):
        if value is None or isinstance(value, str | int | float):
            return value
        raise InternalError(f"a default of type {type(value).__name__}")
    kind, *parts = value
    if kind == "array":
        return [_json(part) for part in parts]
    return {str(key): _json(inner) for key, inner in parts}


def _output(entry: symbols.Output) -> artifact.Output:
    return artifact.Output(entry.name, entry.type, entry.optional, entry.doc)
