"""What is JSON and cannot be stored nevertheless: Postgres takes no NUL and no half of a surrogate pair. Says where one is."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

# The same twice: in JSON text that is ASCII (where a backslash may also be meant as one), and in a string.
SUSPECT: Final = re.compile(
    r"\\u0000|\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]",
)
WRONG: Final = re.compile(
    "\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
)


def unstorable(value: object, whole: str) -> str | None:
    """What is wrong, and where, with a value that `json` can write; None where nothing is. `whole` is what to call the value itself."""
    if isinstance(value, str) and WRONG.search(value) is None:
        return None
    # A queue, not recursion: so the place named is the outermost one, and no depth is too deep.
    queue: deque[tuple[str, object]] = deque([("", value)])
    while queue:
        place, value = queue.popleft()
        if isinstance(value, str) and (found := WRONG.search(value)):
            return f"{_called(place, whole)} holds {_named(found[0])}"
        for step, key, inner in _members(value):
            if isinstance(key, str) and (found := WRONG.search(key)):
                return f"a key of {_called(place, whole)} holds {_named(found[0])}: {key!a}"
            queue.append((f"{place}{step}".removeprefix("."), inner))
    return None


def unstorable_json(text: str, value: object, whole: str) -> str | None:
    """The same where the value's JSON is at hand (in ASCII): a look at that costs next to nothing, and the walk is only for what looks bad."""
    return unstorable(value, whole) if SUSPECT.search(text) else None


def escaped(text: str) -> str:
    """The same text, with what cannot be stored as Python would write it: for words to people, which are better so than not at all."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def _called(place: str, whole: str) -> str:
    return f"`{place}`" if place else whole


def _members(value: object) -> Iterator[tuple[str, object, object]]:
    """What is in a value: how it is reached, its key, and itself."""
    if isinstance(value, Mapping):
        yield from ((f".{key}", key, inner) for key, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"[{index}]", index, inner) for index, inner in enumerate(value))


def _named(character: str) -> str:
    what = "the character NUL" if character == "\0" else "half of a surrogate pair"
    return f"{what} (U+{ord(character):04X})"
