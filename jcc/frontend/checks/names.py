"""Names in expressions and maps: what is read must be there, and may be read there; what is written may be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jcc.diagnostics import Diagnostic, Edit, Fix, Label, flow, names
from jcc.frontend import ast
from jcc.frontend.borrowed import FUNCTIONS as FUNCTIONS_ELSEWHERE
from jcc.frontend.borrowed import VALUES
from jcc.frontend.checks.unit import Guess, Unit, first_name, spelled
from jcc.frontend.functions import BY_NAME, FUNCTIONS
from jcc.frontend.nearest import known_names
from jcc.frontend.places import CHILD_INPUT_MAP, CONSTANT, OUTPUT_MAP, OUTPUTS_OF_JOB, Place
from jcc.frontend.tables import MapUse
from jcc.frontend.types import UNSET

MAX_LABELS = 5
_PRESENT = "the job's objects are `a`, `e`, `i`, `o`, `t` and `v`"


def check_reads(unit: Unit) -> Iterator[Diagnostic]:
    """Every path that is read."""
    for read in unit.fresh.reads:
        path, place, use = read
        if place is CONSTANT:
            continue  # the parser has said that a constant reads nothing
        if path.root is None:
            yield _bare_name(unit, path, place)
        elif path.root not in place.readable:
            yield _not_here(path, place)
        elif (name := first_name(path)) is None:
            continue
        elif path.root == "e":
            yield from _environment(name, place)
        elif path.root in "iot" and use is not None:
            yield from _own(unit, name, path, use)


def check_variables(unit: Unit) -> Iterator[Diagnostic]:
    """Arguments that are not declared and variables that nothing sets, or nothing before: each once, at its first use."""
    unset: dict[tuple[str, str], list[Diagnostic]] = {}
    uses = () if _is_clear(unit) else _uses(unit)
    doubtful = [use for use in uses if _is_doubtful(unit, *use)]
    for name, root, is_unset in sorted(doubtful, key=lambda use: use[0].span):
        found = _argument(unit, name) if root == "a" else _variable(unit, name, is_unset)
        if found is not None:
            unset.setdefault((found.code, name.text), []).append(found)
    for first, *others in unset.values():
        labels = tuple(Label(other.span, "and read here") for other in others[:MAX_LABELS])
        yield replace(first, labels=(*first.labels, *labels))


def _is_clear(unit: Unit) -> bool:
    """Whether the names alone show that all that is read is declared or set somewhere, and before."""
    usage, inferred = unit.usage, unit.inferred
    if inferred.unset or UNSET in inferred.copied.values():
        return False
    written = "v" in usage.writes_all or usage.read["v"] <= usage.written["v"]
    return written and usage.read["a"] <= unit.declared.keys()


def _is_doubtful(unit: Unit, name: ast.Name, root: str, is_unset: bool) -> bool:
    if root == "a":
        return name.text not in unit.declared
    return is_unset or not unit.usage.may_write("v", name.text)


def _uses(unit: Unit) -> Iterator[tuple[ast.Name, str, bool]]:
    """Each name of `a` and `v` that is read, and whether no path has set it there."""
    for path, place, _ in unit.survey.reads:
        if path.root in ("a", "v") and path.root in place.readable:
            name = first_name(path)
            if name is not None:
                # Asking whether a variable is there is no reading.
                yield name, path.root, path in unit.inferred.unset and path not in unit.guarded
    for name, use in unit.survey.copies:
        if use.place.source == "v":
            yield name, "v", unit.inferred.copied.get(name) is UNSET
    for root in "av":
        for name, _ in unit.block_names(root, write=False):
            yield name, root, False


def check_copies(unit: Unit) -> Iterator[Diagnostic]:
    """Every `<x>` must have something to copy from."""
    for name, use in unit.fresh.copies:
        if not use.place.source:
            text = spelled(name.text)
            yield names.COPY_WITHOUT_SOURCE.at(
                name.span, name=name.text, place=use.place.words, help=f"write `{text} = a.{text}`"
            )


def _bare_name(unit: Unit, path: ast.Path, place: Place) -> Diagnostic:
    name = first_name(path)
    if name is None:
        return names.BARE_NAME.at(path.span, name="[…]")
    text = name.text
    word = None if name.quoted or len(path.keys) > 1 else VALUES.get(text)
    if word is not None:
        change = Fix(f"write `{word}`", (Edit(path.span, word),), safe=False)
        help = f"did you mean `{word}`?"
        return names.BARE_NAME.at(path.span, name=text, help=help, fix=change)
    known = [root for root in "av" if root in place.readable and _is_known(unit, root, text)]
    if place.source == "o" and "o" in place.readable and not known:
        known = ["o"]
    meant = [f"{root}.{spelled(text)}" for root in known]
    if name.quoted or len(path.keys) > 1 or not meant:
        help = f"a string is quoted: `'{text}'`; {_PRESENT}"
    else:
        help = "did you mean " + " or ".join(f"`{option}`" for option in meant) + "?"
    edit = Edit(path.span, meant[0]) if len(meant) == 1 and len(path.keys) == 1 else None
    fix = None if edit is None else Fix(f"change it to `{meant[0]}`", (edit,), safe=False)
    return names.BARE_NAME.at(path.span, name=text, help=help, fix=fix)


def _is_known(unit: Unit, root: str, name: str) -> bool:
    if root == "a":
        return name in unit.declared
    return unit.usage.may_write("v", name)


def _not_here(path: ast.Path, place: Place) -> Diagnostic:
    listed = ", ".join(f"`{root}`" for root in place.readable)
    return names.OBJECT_NOT_HERE.at(
        path.span, name=path.root, place=place.words, help=f"here are {listed}"
    )


def _argument(unit: Unit, name: ast.Name) -> Diagnostic | None:
    if name.text in unit.declared or unit.survey.writes_hidden or _unresolved(unit):
        return None
    found = unit.guess(name, unit.declared)
    known = f"its inputs are {known_names(unit.declared)}" if unit.declared else None
    return names.UNKNOWN_ARGUMENT.at(
        name.span, name=name.text, help=found.help or known or "declare it in `in:`", fix=found.fix
    )


def _unresolved(unit: Unit) -> bool:
    """The inputs come from an interface that is not known."""
    interface = unit.signature.interface
    return interface is not None and interface not in unit.catalog


def _variable(unit: Unit, name: ast.Name, unset: bool) -> Diagnostic | None:
    usage = unit.usage
    if not usage.may_write("v", name.text):
        found = unit.guess(name, usage.written["v"])
        return names.UNKNOWN_VARIABLE.at(
            name.span, name=name.text, help=_meant(unit, name) or found.help, fix=found.fix
        )
    if unset:
        return flow.READ_BEFORE_SET.at(
            name.span, name=name.text, help="it is null here on every path"
        )
    return None


def _meant(unit: Unit, name: ast.Name) -> str | None:
    """The argument of that name, where there is one."""
    if name.text not in unit.declared:
        return None
    text = spelled(name.text)
    if any(name is copied for copied, _ in unit.survey.copies):
        return f"`<{text}>` copies from `v`; write `{text} = a.{text}`"
    return f"did you mean `a.{text}`?"


def _environment(name: ast.Name, place: Place) -> Iterator[Diagnostic]:
    if name.text == "_v" and place is not CHILD_INPUT_MAP:
        yield names.ELEMENT_OUTSIDE_MAP.at(name.span, name="_v", where="the input map of a `map`")
    elif name.text == "_i" and place is not CHILD_INPUT_MAP and place is not OUTPUT_MAP:
        yield names.ELEMENT_OUTSIDE_MAP.at(name.span, name="_i", where="the maps of a `map`")


def _own(unit: Unit, name: ast.Name, path: ast.Path, use: MapUse) -> Iterator[Diagnostic]:
    """`t`, `i` in an input map and `o` in `wfomap` have what the map itself wrote before."""
    root = path.root or ""
    if root == "o" and use.place is not OUTPUTS_OF_JOB:
        return
    if path in unit.inferred.unset and use.map not in unit.usage.opaque:
        yield names.UNSET_IN_MAP.at(
            name.span, name=f"{root}.{spelled(name.text)}", place=use.place.words
        )


# -- writing --------------------------------------------------------------------------------------------------------


def check_writes(unit: Unit) -> Iterator[Diagnostic]:
    """Every left side: its object must be writable there."""
    for write in unit.fresh.writes:
        place = write.use.place
        if write.root in place.writable:
            continue
        target = write.item.target
        listed = " and ".join(f"`{root}`" for root in place.writable)
        help = f"{place.words} writes {listed}"
        if write.root in "ae":
            help = "nothing changes `a` and `e`: take a variable, `v`"
        yield names.READ_ONLY.at(target.span, name=write.root, place=place.words, help=help)


# -- functions ------------------------------------------------------------------------------------------------------


def _function(unit: Unit, name: ast.Name) -> Guess:
    """The function, or the action, that was meant."""
    if unit.catalog.get(name.text) is not None:
        return Guess(f"`call {name.text}:` calls it: a statement, with the outputs below `into:`")
    return unit.guess(name, BY_NAME, synonyms=FUNCTIONS_ELSEWHERE)


def check_functions(unit: Unit) -> Iterator[Diagnostic]:
    """The names of the functions that are called."""
    for call in unit.fresh.calls:
        name = call.function
        if name.text not in BY_NAME:
            found = _function(unit, name)
            yield names.UNKNOWN_FUNCTION.at(
                name.span,
                name=name.text,
                help=found.help or f"the functions are {known_names(FUNCTIONS, len(FUNCTIONS))}",
                fix=found.fix,
            )
