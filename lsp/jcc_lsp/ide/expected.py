"""What may stand where the cursor is: decided by the headers around its line and the tokens before it, as the parser would.

What is then offered is the task of `completion`.
"""

from __future__ import annotations

from typing import Final

from jcc.frontend.places import (
    CHILD_INPUT_MAP,
    CONSTANT,
    EVAL,
    EXPRESSION,
    INPUT_MAP,
    LOCK_AT_START,
    OUTPUT_MAP,
    OUTPUTS_OF_JOB,
    STATEMENT_MAP,
)
from jcc.frontend.tokens import (
    ASSIGNMENTS,
    CLOSING,
    DEFINITIONS,
    FOLLOWERS,
    SECTIONS,
    STATEMENTS,
    Token,
)
from jcc.frontend.values import unquote
from jcc_lsp.ide.here import Header, Here, opener
from jcc_lsp.ide.wanted import (
    Callee,
    CaseLabel,
    Copied,
    Expected,
    Named,
    NewDefinition,
    NewSection,
    NewStatement,
    Operator,
    Setting,
    Slot,
    Target,
    TypeName,
    Value,
    Words,
)

_BODIES: Final = frozenset(
    {"do", "if", "elsif", "else", "while", "repeat", "try", "catch", "when", "split", "case"}
)
_PLACES: Final = {
    **dict.fromkeys(("call", "callflow", "detachflow"), INPUT_MAP),
    **dict.fromkeys(("into", "collect"), OUTPUT_MAP),
    **dict.fromkeys(("eval", "let"), EVAL),
    **dict.fromkeys(("subscribe", "unsubscribe", "raise_event", "wait_for_event"), STATEMENT_MAP),
    **dict.fromkeys(("wait_for_lock", "raise_error", "sleep"), STATEMENT_MAP),
    "map": CHILD_INPUT_MAP,
}
_CALLING: Final = frozenset({"call", "callflow", "map", "detachflow", "interface"})
_CONDITIONS: Final = frozenset({"if", "elsif", "while", "until", "case", "assert"})
_VALUES: Final = _CONDITIONS | {"raise_error", "sleep"}
_BRANCHES: Final = frozenset({"callflow", "map"})
_INCOMPLETE: Final = frozenset({"case", "try", "repeat", "interface"})
_ENDS_VALUE: Final = (
    frozenset(
        {
            "NAME",
            "PATH",
            "QUOTED_PATH",
            "MEMBER",
            "NUMBER",
            "STRING",
            "REGEX",
            "CODE",
            "true",
            "false",
            "null",
        }
    )
    | CLOSING
)


def expected(place: Here) -> Expected | None:
    """What may stand at the cursor; None where nothing that could be named."""
    if not place.above:
        return _definition_line(place)
    definition = place.above[0]
    if definition.word not in DEFINITIONS:
        return None
    if len(place.above) == 1:
        return _section_line(place, definition)
    section = place.above[1].word
    if section == "do":
        return _body_line(place)
    return _line_of_section(place, section) if section in SECTIONS else None


# -- headers and sections -----------------------------------------------------------------------------------------


def _definition_line(place: Here) -> Expected | None:
    if not place.head:
        return NewDefinition()
    if len(place.head) == 1 and place.head[0].kind in DEFINITIONS:
        return Named("new definition")
    return None


def _section_line(place: Here, definition: Header) -> Expected | None:
    match place.head:
        case ():
            return NewSection(definition)
        case (Token(kind="interface"),):
            return Callee("interface")
        case _:
            return None


def _line_of_section(place: Here, section: str) -> Expected | None:
    head = place.head
    match section:
        case "in" | "env" | "out":
            return _declaration(place, section)
        case "wfomap":
            return _map_line(place, Slot(OUTPUTS_OF_JOB, place.above[0]))
        case "config" | "wfenv":
            if not head:
                return Named("config") if section == "config" else None
            if len(head) > 1 and head[1].kind in ASSIGNMENTS:
                key = unquoted(head[0])
                if len(head) == 2:
                    return Setting(key) if section == "config" else _value(place, Slot(CONSTANT))
            return None
        case "role":
            return Named("role") if not head else None
        case "locks":
            if not head:
                return Named("lock type")
            if len(head) == 1:
                return Value(Slot(LOCK_AT_START))
            return _locking(place)
        case _:
            return None


def _declaration(place: Here, section: str) -> Expected | None:
    head = place.head
    match len(head):
        case 0:
            return None
        case 1:
            return TypeName()
        case _ if section == "out":
            return Words(("optional",)) if head[-1].kind != "optional" else None
        case _:
            return Value(Slot(CONSTANT), unquoted(head[1])) if len(head) == 2 else None


def _locking(place: Here) -> Expected:
    """Behind the value of a lock: more of the value, `manual`, `inherit`."""
    last = place.head[-1].kind
    if last in _ENDS_VALUE or last in ("manual", "inherit"):
        given = {token.kind for token in place.head}
        return Words(tuple(word for word in ("manual", "inherit") if word not in given))
    return Value(Slot(LOCK_AT_START))


# -- the body -----------------------------------------------------------------------------------------------------


def _body_line(place: Here) -> Expected | None:
    parent = place.above[-1]
    if parent.word in _BODIES:
        return _statement_line(place)
    if parent.word == "interface":
        return Named("destination", parent.name) if not place.head else None
    if parent.word in _PLACES:
        return _map_line(place, slot_below(place, parent))
    if parent.word == "assert":
        return _value(place, Slot(EXPRESSION, parent))
    return None


def slot_below(place: Here, header: Header) -> Slot:
    """The map below a header in the body."""
    where = _PLACES[header.word]
    owner = header
    if header.word in ("into", "collect", "call"):
        owner = opener(place.parsed, header) or header
    if owner.word == "call" and header.word == "into":
        owner = opener(place.parsed, owner) or owner
    name = owner.name if owner.word in _CALLING else owner.word
    return Slot(where, owner, name)


def _statement_line(place: Here) -> Expected | None:
    head = place.head
    if not head:
        return _new_statement(place)
    keyword, behind = head[0].kind, head[1:]
    own = Header(keyword, "", place.number, place.start, place.column)
    if (
        keyword in ("into", "collect", "else", "catch")
        or keyword not in STATEMENTS | FOLLOWERS.keys()
    ):
        return None
    if keyword == "call" and opener(place.parsed, own):
        return _value(place, Slot(EXPRESSION, opener(place.parsed, own)), first=1)
    if keyword in _CALLING:
        if not behind:
            return Callee(keyword)
        if keyword != "map":
            return None
        if len(behind) == 1:
            return Words(("using",))
        is_open = behind[1].kind == "using" and behind[-1].kind != ":"
        return _value(place, Slot(EXPRESSION, own), first=3) if is_open else None
    if keyword == "when":
        is_open = not behind or behind[-1].kind == ","
        return CaseLabel(_case_of(place, own)) if is_open else None
    return _short_statement(place, keyword, own)


def _short_statement(place: Here, keyword: str, own: Header) -> Expected | None:
    behind = place.head[1:]
    match keyword:
        case "goto":
            return Named("label") if not behind else None
        case "label":
            return Named("new label") if not behind else None
        case "lock" | "unlock" | "wait_for_lock" if not behind:
            return Named("lock")
        case "lock" | "unlock":
            return _value(place, Slot(EXPRESSION, own), first=2)
        case _ if keyword in _VALUES and not (behind and behind[-1].kind == ":"):
            return _value(place, Slot(EXPRESSION, own), first=1)
        case _:
            return None


def _new_statement(place: Here) -> NewStatement:
    parent = place.above[-1].word
    if parent == "case":
        return NewStatement(("when", "else"), frozenset())
    followers, is_complete = _followers(place)
    only = _BRANCHES if parent == "split" else STATEMENTS - {"callflow"}
    return NewStatement(followers, only if is_complete else frozenset())


def _followers(place: Here) -> tuple[tuple[str, ...], bool]:
    """The words that may go on with the statement above, and whether it could do without."""
    passed: set[str] = set()
    for found in place.beside_above():
        if found.word in FOLLOWERS:
            passed.add(found.word)
            continue
        words = tuple(word for word in _going_on(found) if _may_follow(word, passed))
        return words, not words or found.word not in _INCOMPLETE or bool(passed)
    return (), True


def _going_on(statement: Header) -> tuple[str, ...]:
    if statement.word == "interface":
        return ("call",)
    return tuple(word for word, openers in FOLLOWERS.items() if statement.word in openers)


def _may_follow(word: str, passed: set[str]) -> bool:
    if word in ("when", "elsif"):
        return "else" not in passed
    return word not in passed


def _case_of(place: Here, when: Header) -> Header | None:
    found = opener(place.parsed, when)
    parent = place.parent
    return found or (parent if parent is not None and parent.word == "case" else None)


# -- maps and values ----------------------------------------------------------------------------------------------


def _map_line(place: Here, slot: Slot) -> Expected | None:
    head = place.head
    if not head:
        return Target(slot)
    kinds = [token.kind for token in head]
    if kinds[0] == "<" and ASSIGNMENTS.isdisjoint(kinds):
        return Copied(slot) if kinds[-1] in ("<", ",") else None
    at = next((index for index, kind in enumerate(kinds) if kind in ASSIGNMENTS), None)
    if at is None:
        return None
    target = unquoted(head[at - 1]) if at == 1 else ""
    return _value(place, slot, target, first=at + 1)


def _value(place: Here, slot: Slot, target: str = "", first: int = 0) -> Expected:
    """A value, or an operator where one is complete. `first` is the number of the value's first token."""
    behind = place.head[first:]
    if behind and behind[-1].kind in _ENDS_VALUE:
        return Operator()
    return Value(slot, target if not behind else "")


def unquoted(token: Token) -> str:
    """The name that a token spells."""
    text = token.text
    return (unquote(text) or "") if text[0] in "'\"" else text
