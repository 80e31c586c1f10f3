"""What a definition shows to the others: from its sections to its `Signature`. Judges nothing."""

from __future__ import annotations

from dataclasses import replace

from jcc.frontend import ast
from jcc.frontend.schemas import spell_type
from jcc.frontend.symbols import Catalog, Input, Output, Signature


def signature_of(definition: ast.Definition, path: str, catalog: Catalog | None) -> Signature:
    """The definition's signature. With a catalog, an `interface:` is resolved: inputs, outputs and environment are then
    those of the definition it names, if that is known. Never raises."""
    signature = _declared(definition, path)
    if catalog is None or signature.interface is None:
        return signature
    interface = catalog.get(signature.interface)
    if interface is None or interface.name == signature.name:
        return signature
    return replace(
        signature,
        inputs=interface.inputs,
        outputs=interface.outputs,
        environment=interface.environment,
        interface_path=interface.entries_path,
    )


def exports(file: ast.File, path: str) -> tuple[Signature, ...]:
    """The signatures of a file's definitions, in order, interfaces unresolved."""
    return tuple(_declared(definition, path) for definition in file.definitions)


def _declared(definition: ast.Definition, path: str) -> Signature:
    inputs: list[Input] = []
    outputs: list[Output] = []
    environment: list[Input] = []
    interface: str | None = None
    for section in definition.sections:
        match section:
            case ast.InputSection(keyword=keyword, entries=declared):
                (environment if keyword == "env" else inputs).extend(map(_input, declared))
            case ast.OutputSection(entries=declared_outputs):
                outputs.extend(map(_output, declared_outputs))
            case ast.InterfaceSection(name=name):
                interface = name.text
            case _:
                pass
    name = definition.name
    return Signature(
        definition.kind,
        name.text,
        tuple(inputs),
        tuple(outputs),
        tuple(environment),
        path,
        name.span,
        interface,
        definition.doc,
    )


def _input(entry: ast.InputDeclaration) -> Input:
    name = entry.name
    type = spell_type(entry.type)
    if entry.default is None:
        return Input(name.text, type, True, None, name.span, entry.doc)
    return Input(name.text, type, False, constant_value(entry.default), name.span, entry.doc)


def _output(entry: ast.OutputDeclaration) -> Output:
    name = entry.name
    return Output(name.text, spell_type(entry.type), entry.optional, name.span, entry.doc)


def constant_value(expression: ast.Expression) -> ast.Scalar | tuple[object, ...]:
    """The value of a constant: scalars as they are, an array as `("array", …)`, an object as `("object", (key, value), …)`,
    so that it can be compared and hashed. None for what is no constant."""
    match expression:
        case ast.Literal(value=value):
            return value
        case ast.Unary(op="-", operand=ast.Literal(value=int() | float() as value)):
            return -value
        case ast.Call(function=ast.Name(text="array"), arguments=items):
            return ("array", *map(constant_value, items))
        case ast.ObjectLiteral(entries=entries):
            pairs = ((constant_value(key), constant_value(value)) for key, value in entries)
            return ("object", *pairs)
        case _:
            return None
