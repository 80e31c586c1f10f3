"""From names and JSON Schemas to types: what `order[]?` in a declaration means.

What a schema says that no type can say (`pattern`, `minimum`, …) is left out: such a value is checked at run time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jcc.frontend.ast import TypeReference
from jcc.frontend.types import (
    ANY,
    ARRAY,
    BOOLEAN,
    INTEGER,
    NEVER,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    Field,
    Member,
    Type,
    array_of,
    literal_of,
    meet,
    object_of,
    union_of,
)

BASE_TYPES: dict[str, Member] = {
    "number": NUMBER,
    "integer": INTEGER,
    "string": STRING,
    "boolean": BOOLEAN,
    "null": NULL,
    "array": ARRAY,
    "object": OBJECT,
    "any": ANY,
    "json": ANY,
}
MAX_NESTING = 8  # a schema within a schema; deeper parts, and a `$ref` into itself, are ANY

Schemas = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BrokenSchema:
    """Stands for a schema whose file cannot be read as JSON, so that its type is known: all values are of it."""

    why: str


_SUFFIX = re.compile(r"\[\]|\?")
_made: dict[str, tuple[object, Type]] = {}


def type_of_reference(reference: TypeReference, schemas: Schemas) -> Type:
    """The type that a declaration names; UNKNOWN for an unknown name."""
    return _with_suffixes(named_type(reference.name.text, schemas), reference.suffixes)


def parse_type_name(text: str, schemas: Schemas) -> Type:
    """The type of a name as written, with its suffixes: `string`, `order[]?`. UNKNOWN for an unknown name."""
    found = BASE_TYPES.get(text)
    if found is not None:
        return found
    text = text.replace(" ", "")
    name = text.rstrip("[]?")
    return _with_suffixes(named_type(name, schemas), _SUFFIX.findall(text[len(name) :]))


def spell_type(reference: TypeReference) -> str:
    """The reference as `parse_type_name` reads it."""
    return reference.name.text + "".join(reference.suffixes)


def is_known_type(name: str, schemas: Schemas) -> bool:
    return name in BASE_TYPES or name in schemas


def named_type(name: str, schemas: Schemas) -> Type:
    """The type of a name without suffixes."""
    base = BASE_TYPES.get(name)
    if base is not None:
        return base
    if name not in schemas:
        return UNKNOWN
    schema = schemas[name]
    # A schema refers to nothing outside itself, so its type is as good as the object that it was made of.
    known = _made.get(name)
    if known is None or known[0] is not schema:
        known = _made[name] = (schema, type_of_schema(schema))
    return known[1]


def _with_suffixes(type: Type, suffixes: tuple[str, ...] | list[str]) -> Type:
    for suffix in suffixes:
        type = array_of(type) if suffix == "[]" else union_of((type, NULL))
    return type


def type_of_schema(schema: object) -> Type:
    """The type of all values that a JSON Schema accepts, or a wider one. Never raises: what is no schema is ANY."""
    return _Translation(schema).type_of(schema, 0)


class _Translation:
    def __init__(self, root: object) -> None:
        self._root = root

    def type_of(self, schema: object, depth: int) -> Type:
        if schema is False:
            return NEVER
        if not isinstance(schema, Mapping) or depth > MAX_NESTING:
            return ANY
        parts = [self._own(schema, depth)]
        if isinstance(reference := schema.get("$ref"), str):
            parts.append(self.type_of(self._resolve(reference), depth + 1))
        for key in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(key), list) and choices:
                parts.append(union_of(self.type_of(choice, depth + 1) for choice in choices))
        if isinstance(every := schema.get("allOf"), list):
            parts.extend(self.type_of(part, depth + 1) for part in every)
        found = parts[0]
        for part in parts[1:]:
            found = _both(found, part)
        return union_of((found, NULL)) if schema.get("nullable") is True else found

    def _own(self, schema: Mapping[str, object], depth: int) -> Type:
        """What `const`, `enum` and `type` with its parts say."""
        if "const" in schema:
            return _type_of_value(schema["const"])
        if isinstance(values := schema.get("enum"), list):
            return union_of(_type_of_value(value) for value in values)
        named = schema.get("type")
        if isinstance(named, list):
            return union_of(self._of_name(name, schema, depth) for name in named)
        if named is None and ("properties" in schema or "required" in schema):
            named = "object"
        elif named is None and "items" in schema:
            named = "array"
        return self._of_name(named, schema, depth)

    def _of_name(self, name: object, schema: Mapping[str, object], depth: int) -> Type:
        match name:
            case "object":
                return self._object(schema, depth)
            case "array":
                items = schema.get("items", True)
                return array_of(self.type_of(items, depth + 1))
            case "string" | "number" | "integer" | "boolean" | "null":
                return BASE_TYPES[name]
            case _:
                return ANY

    def _object(self, schema: Mapping[str, object], depth: int) -> Type:
        properties = schema.get("properties")
        names = _names(schema.get("required"))
        fields = {}
        if isinstance(properties, Mapping):
            for name, part in properties.items():
                fields[str(name)] = Field(self.type_of(part, depth + 1), name in names)
        extra = schema.get("additionalProperties", True)
        if "patternProperties" in schema:
            extra = True
        rest = self.type_of(extra, depth + 1)
        for name in names - fields.keys():
            fields[name] = Field(rest, True)
        return object_of(fields, rest)

    def _resolve(self, reference: str) -> object:
        """The part that `#/definitions/line` points to; True (any value) for what is not in this schema."""
        if not reference.startswith("#"):
            return True
        found = self._root
        for step in reference[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or key not in found:
                return True
            found = found[key]
        return found


def _names(value: object) -> set[str]:
    return {name for name in value if isinstance(name, str)} if isinstance(value, list) else set()


def _both(left: Type, right: Type) -> Type:
    """The values of both types; ANY adds nothing."""
    if left is ANY:
        return right
    if right is ANY:
        return left
    return meet(left, right)


def _type_of_value(value: object) -> Type:
    match value:
        case None | str() | bool() | int() | float():
            return literal_of(value)
        case list():
            return array_of(union_of(_type_of_value(item) for item in value))
        case dict():
            return object_of(
                {str(key): Field(_type_of_value(item), True) for key, item in value.items()}
            )
        case _:
            return ANY
