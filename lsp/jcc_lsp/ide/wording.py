"""Documentation of everything that has one, as Markdown: callees, functions, words, settings, types, rules.

A `Topic` names what it is about, so that a completion can be sent without its documentation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from jcc.diagnostics import Rule
from jcc.diagnostics.pages import page
from jcc.diagnostics.registry import find_rule
from jcc.frontend.contracts import STATEMENTS
from jcc.frontend.functions import Function, find_function
from jcc.frontend.schemas import parse_type_name
from jcc.frontend.symbols import Input, Output, Signature
from jcc.frontend.types import display
from jcc.workspace import Workspace, schemas, signature
from jcc_lsp.ide import keywords

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_WORDS = {
    "definition": keywords.DEFINITIONS,
    "section": keywords.SECTIONS,
    "statement": keywords.STATEMENTS,
    "follower": keywords.FOLLOWERS,
    "trailing": keywords.TRAILING,
}
_TEXTS = {
    "object": keywords.OBJECTS,
    "operator": keywords.OPERATORS,
    "setting": keywords.SETTINGS,
}


class Topic(NamedTuple):
    """`kind` is `callee`, `input`, `output`, `function`, `type`, `rule` or a kind of word; `of` the callee of an input."""

    kind: str
    name: str
    of: str = ""


def documentation(workspace: Workspace, topic: Topic) -> str | None:
    """What is to be said about a topic, None where nothing is known."""
    kind, name = topic.kind, topic.name
    if kind in _WORDS:
        word = _WORDS[kind].get(name)
        return word and f"{code(word.form)}\n{word.doc}"
    if kind in _TEXTS:
        text = _TEXTS[kind].get(name)
        return text and f"`{name}`: {text}"
    match kind:
        case "callee":
            found = signature(workspace, name)
            return about_callee(found) if found else None
        case "input" | "output":
            return _about_entry(workspace, topic)
        case "function":
            function = find_function(name)
            return about_function(function, name) if function else None
        case "type":
            return about_type(workspace, name)
        case "rule":
            rule = find_rule(name)
            return about_rule(rule) if rule else None
        case _:
            return None


def code(text: str) -> str:
    return f"```jcl\n{text}\n```"


# -- callees ------------------------------------------------------------------------------------------------------


def about_callee(found: Signature) -> str:
    """A definition as others see it."""
    lines = [f"{found.kind} {found.name}:"]
    lines += _section("in", found.inputs) + _section("out", found.outputs)
    lines += _section("env", found.environment)
    text = code("\n".join(lines))
    if found.interface:
        text += f"\nImplements `{found.interface}`."
    if found.doc:
        text += f"\n{found.doc}\n"
    entries: list[Input | Output] = [*found.inputs, *found.outputs]
    documented = [entry for entry in entries if entry.doc]
    return text + "".join(f"\n- `{entry.name}`: {entry.doc}" for entry in documented)


def _section(title: str, entries: Sequence[Input | Output]) -> list[str]:
    lines = [f"\t\t{entry_line(entry)}" for entry in entries]
    return [f"\t{title}:", *lines] if lines else []


def entry_line(entry: Input | Output) -> str:
    """The line that declares an input or output."""
    behind = ""
    if isinstance(entry, Output):
        behind = " optional" if entry.optional else ""
    elif not entry.required:
        behind = f" {constant_text(entry.default)}"
    return f"{entry.name} {entry.type}{behind}"


def constant_text(value: object) -> str:
    """A default as it is written."""
    match value:
        case ("array", *items):
            return f"array({', '.join(map(constant_text, items))})"
        case ("object", *pairs):
            return f"object({', '.join(_pair_text(pair) for pair in pairs)})"
        case str():
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
        case _:
            return json.dumps(value)


def constant_json(value: object) -> Json:
    """A default as JSON."""
    match value:
        case ("array", *items):
            return [constant_json(item) for item in items]
        case ("object", *pairs):
            keyed = ((pair[0], pair[1]) for pair in pairs if isinstance(pair, tuple))
            return {str(key): constant_json(item) for key, item in keyed}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return None


def _pair_text(pair: object) -> str:
    match pair:
        case (key, value):
            return f"{constant_text(key)}: {constant_text(value)}"
        case _:
            return ""


def _about_entry(workspace: Workspace, topic: Topic) -> str | None:
    found = STATEMENTS.get(topic.of) or signature(workspace, topic.of)
    if found is None:
        return None
    entry = found.input(topic.name) if topic.kind == "input" else found.output(topic.name)
    return about_entry(entry, found) if entry else None


def about_entry(entry: Input | Output, owner: Signature) -> str:
    """An input or output of a definition or a statement."""
    if isinstance(entry, Input):
        what = "required input" if entry.required else "input"
    else:
        what = "optional output" if entry.optional else "output"
    line = f"{entry.name} {entry.type}" if owner.kind == "statement" else entry_line(entry)
    text = f"{code(line)}\n{what} of `{owner.name}`"
    return f"{text}\n\n{entry.doc}" if entry.doc else text


# -- the language -------------------------------------------------------------------------------------------------


def about_function(function: Function, name: str) -> str:
    text = f"{code(function.label)}\n{function.doc}"
    if function.aliases:
        others = [f"`{other}`" for other in (function.name, *function.aliases) if other != name]
        text += f"\n\nAlso called {', '.join(others)}."
    return text


def about_type(workspace: Workspace, name: str) -> str | None:
    """A base type or a JSON Schema."""
    if name in keywords.TYPES:
        return f"`{name}`: {keywords.TYPES[name]}"
    known = schemas(workspace)
    if name not in known:
        return None
    text = code(f"{name} = {display(parse_type_name(name, known))}")
    schema = known[name]
    for key in ("title", "description"):
        if isinstance(schema, dict) and isinstance(words := schema.get(key), str):
            text += f"\n{words}\n"
    return text


def about_rule(rule: Rule) -> str:
    """A rule's page; where the installation has none, its name."""
    try:
        return page(rule)
    except FileNotFoundError:
        return f"# {rule.code}: {rule.name}"


def summary(code: str) -> str:
    """A rule's name and the first lines of its page; '' for a code that no rule has."""
    rule = find_rule(code)
    if rule is None:
        return ""
    text = about_rule(rule).partition("\n")[2].partition("\n## ")[0].strip()
    return f"**{rule.code}: {rule.name}**\n\n{text}"
