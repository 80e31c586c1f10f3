"""Strings and patterns as Perl has them: `split`, `sprintf`, `substr`, captures, `s///`, `tr///`. Used by `perl` alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox import patterns
from jobcenter.sandbox.errors import normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import DIGITS, ITEMS, WIDTH, charge, charge_items, charge_text
from jobcenter.sandbox.values import number, text, whole

_FORMAT: Final = re.compile(
    r"%(?:(?P<place>\d{1,3})\$)?(?P<flags>[-+ 0#]*)(?P<width>\*|\d+)?"
    r"(?:\.(?P<digits>\*|\d*))?(?:hh|ll|[hlqLV])?(?P<kind>.)",
    re.DOTALL,
)
_UNSIGNED: Final = 1 << 64
_SUCCESSIVE: Final = re.compile(r"[A-Za-z]*[0-9]*")


# -- parts of strings ---------------------------------------------------------------------------------------------


def pl_length(value: Json) -> Json:
    """The number of characters; of undefined, undefined."""
    return None if value is None else len(text(value))


def pl_substr(value: Json, start: Json, length: Json = None) -> Json:
    """A part of a string, as far as it lies inside; undefined if it lies outside."""
    string = text(value)
    charge_text(len(string))
    size, first = len(string), whole(start)
    if first < 0:
        first += size
    count = size if length is None else whole(length)
    last = size + count if count < 0 else min(first + count, size)
    if length is None:
        last = size
    if first > size or (first < 0 and last < 0) or (first < 0 and last == 0 and length is not None):
        return None
    return string[max(first, 0) : max(last, 0)]


def pl_index_of(value: Json, part: Json, start: Json = 0) -> int:
    """Where a part first stands, from `start` on; -1 if nowhere."""
    string = text(value)
    charge_text(len(string))
    return string.find(text(part), min(max(0, whole(start)), len(string)))


def pl_last_index_of(value: Json, part: Json, start: Json = None) -> int:
    """Where a part last stands, at `start` or before; -1 if nowhere."""
    string, wanted = text(value), text(part)
    charge_text(len(string))
    if start is None:
        return string.rfind(wanted)
    first = whole(start)
    return string.rfind(wanted, 0, max(0, first) + len(wanted)) if first >= 0 or not wanted else -1


def pl_lcfirst(value: Json) -> str:
    string = text(value)
    return string[:1].lower() + string[1:]


def pl_ucfirst(value: Json) -> str:
    string = text(value)
    return string[:1].upper() + string[1:]


def pl_chomp(value: Json) -> Json:
    """Without the line break at its end."""
    return value.removesuffix("\n") if isinstance(value, str) else value


def pl_chop(value: Json) -> str:
    """Without its last character."""
    return text(value)[:-1]


def pl_quotemeta(value: Json) -> str:
    """With a backslash before all that means something in a pattern."""
    string = text(value)
    charge_text(len(string) * 2)
    charge(len(string) >> 1)
    return re.sub(r"([^\w])", r"\\\1", string, flags=re.ASCII)


def pl_reversed_text(items: list[Json]) -> str:
    """All texts in one, from its end."""
    whole_text = "".join(map(text, items))
    charge_text(len(whole_text))
    return whole_text[::-1]


def pl_compare_text(a: Json, b: Json) -> int:
    """`cmp`"""
    left, right = text(a), text(b)
    charge((min(len(left), len(right)) >> 10) + 1)
    return (left > right) - (left < right)


def texts_between(first: str, last: str) -> Iterator[str]:
    """`a` to `e`, `aa` to `zz`, `a9` to `b2`: counting up until `last`, or until the texts are longer than it."""
    current = first
    if not _SUCCESSIVE.fullmatch(first):
        yield first
        return
    for count in range(ITEMS + 1):
        if len(current) > len(last):
            return
        charge_items(count)
        yield current
        if current == last:
            return
        current = _successor(current)


def _successor(current: str) -> str:
    made: list[str] = []
    for place, character in enumerate(reversed(current)):
        if character not in "zZ9":
            return current[: -place - 1] + chr(ord(character) + 1) + "".join(reversed(made))
        made.append({"z": "a", "Z": "A", "9": "0"}[character])
    return {"a": "a", "A": "A", "0": "1"}[made[-1]] + "".join(reversed(made))


# -- numbers in texts ---------------------------------------------------------------------------------------------


def pl_abs(value: Json) -> int | float:
    return abs(number(value))


def pl_sqrt(value: Json) -> float:
    if number(value) < 0:
        raise normal_error("a negative number has no square root")
    return _whole_result(math.sqrt(number(value)))


def pl_log(value: Json) -> float:
    if number(value) <= 0:
        raise normal_error("only positive numbers have a logarithm")
    return _whole_result(math.log(number(value)))


def pl_exp(value: Json) -> float:
    if number(value) > 709:
        raise normal_error("the result is not a finite number")
    return _whole_result(math.exp(number(value)))


def _whole_result(value: float) -> int | float:
    """Whole results are integers, as everywhere in the language."""
    return int(value) if value.is_integer() else value


def pl_ord(value: Json) -> int:
    string = text(value)
    return ord(string[0]) if string else 0


def pl_chr(value: Json) -> str:
    code = whole(value)
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code < 0xE000:
        raise normal_error(f"no character has the number {code}")
    return chr(code)


def pl_hex(value: Json) -> int:
    return _based(text(value).lower().removeprefix("0x").removeprefix("x"), 16)


def pl_oct(value: Json) -> int:
    """`755`, `0x1f`, `0b101`, `0o17`."""
    string = text(value).strip().lower()
    for prefix, base in (("0x", 16), ("x", 16), ("0b", 2), ("b", 2), ("0o", 8), ("o", 8)):
        if string.startswith(prefix):
            return _based(string.removeprefix(prefix), base)
    return _based(string, 8)


def _based(digits: str, base: int) -> int:
    if len(digits) > 1_000:
        raise sandbox_error("a number of more than 1,000 digits")
    try:
        return int(digits.replace("_", "") or "0", base)
    except ValueError:
        raise type_error(f"'{digits[:40]}' is not a number of base {base}") from None


def pl_sprintf(arguments: list[Json]) -> str:
    """A format (the first item), filled with the other items."""
    made: list[str] = []
    length = end = 0
    following = iter(arguments[1:])
    form = text(arguments[0]) if arguments else ""
    for found in _FORMAT.finditer(form):
        piece = form[end : found.start()] + _formatted(found, arguments, following)
        end = found.end()
        length += len(piece)
        charge_text(length)
        charge(1)
        made.append(piece)
    return "".join((*made, form[end:]))


def _formatted(found: re.Match[str], arguments: list[Json], following: Iterator[Json]) -> str:
    if found["kind"] == "%":
        return "%"
    width = _size(found["width"], following, WIDTH)
    digits = None if found["digits"] is None else _size(found["digits"] or "0", following, DIGITS)
    flags = found["flags"]
    if width is not None and width < 0:
        flags, width = flags + "-", -width
    if found["place"]:
        place = int(found["place"])
        value = arguments[place] if place < len(arguments) else None
    else:
        value = next(following, None)
    return _one_format(found["kind"], flags, width or 0, digits, value)


def _size(written: str | None, following: Iterator[Json], limit: int) -> int | None:
    if written is None:
        return None
    size = whole(next(following, None)) if written == "*" else int(written[:9])
    if abs(size) > limit:
        raise sandbox_error(f"a format of more than {limit:,} characters")
    return size


def _one_format(kind: str, flags: str, width: int, digits: int | None, value: Json) -> str:
    precision = "" if digits is None or digits < 0 else f".{digits}"
    match kind:
        case "s" | "c":
            shown = pl_chr(value) if kind == "c" else text(value)
            shown = shown[:digits] if precision else shown
            return _padded(shown, "0" in flags and "-" not in flags, "-" in flags, width)
        case "d" | "i" | "u":
            return f"%{flags}{width or ''}{precision}d" % whole(value)
        case "e" | "E" | "f" | "F" | "g" | "G":
            try:
                return f"%{flags}{width or ''}{precision}{kind}" % float(number(value))
            except OverflowError:
                raise normal_error("the result is not a finite number") from None
        case "x" | "X" | "o" | "b" | "B":
            return _bits(kind, flags, width, digits, whole(value))
        case _:
            raise normal_error(f"a format has no `%{kind}`")


def _bits(kind: str, flags: str, width: int, digits: int | None, value: int) -> str:
    number_shown = format(value % _UNSIGNED if value < 0 else value, kind.replace("B", "b"))
    number_shown = number_shown.rjust(digits or 0, "0")
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b", "B": "0B"}[kind]
    if "#" not in flags or not value:
        prefix = ""
    if "0" in flags and "-" not in flags and digits is None:
        number_shown = number_shown.rjust(width - len(prefix), "0")
    return _padded(prefix + number_shown, False, "-" in flags, width)


def _padded(shown: str, zeros: bool, left: bool, width: int) -> str:
    return shown.ljust(width) if left else shown.rjust(width, "0" if zeros else " ")


# -- patterns -----------------------------------------------------------------------------------------------------


def _remember(captures: dict[str, Json], found: patterns.Match) -> None:
    """`$&` and `$1`, `$2`, … of the last match that succeeded."""
    captures.clear()
    captures.update((str(place), group) for place, group in enumerate(found.groups))


def pl_match(captures: dict[str, Json], subject: Json, pattern: Json, flags: str) -> bool:
    """`=~`; what it captures goes into `captures`."""
    found = patterns.search(subject, text(pattern), flags)
    if found is not None:
        _remember(captures, found)
    return found is not None


def pl_match_all(captures: dict[str, Json], subject: Json, pattern: Json, flags: str) -> list[Json]:
    """A match in list context: the groups of the first place; with the flag `g`, of all places, or those themselves."""
    every = "g" in flags
    made: list[Json] = []
    for found in _places(subject, text(pattern), flags.replace("g", ""), every):
        _remember(captures, found)
        groups = found.groups[1:]
        charge(1 + len(groups))
        made.extend(groups or (found.groups[:1] if every else (True,)))
    return made


def _places(subject: Json, pattern: str, flags: str, every: bool) -> Iterator[patterns.Match]:
    """The places where a pattern fits, one after the other: only the first unless `every`."""
    string, start = text(subject), 0
    while start <= len(string):
        found = patterns.search(string, pattern, flags, start)
        if found is None:
            return
        yield found
        if not every:
            return
        # An empty fit must not be found again.
        start = found.end + (found.end == found.start)


def pl_match_next(
    captures: dict[str, Json],
    positions: dict[str, Json],
    key: str,
    subject: Json,
    pattern: Json,
    flags: str,
) -> bool:
    """The next place after that which the same loop (`key`) found last in the same text."""
    string, start = text(subject), 0
    before = positions.get(key)
    if isinstance(before, list) and before[0] == string:
        start = whole(before[1])
    found = None
    if start <= len(string):
        found = patterns.search(string, text(pattern), flags, start)
    if found is None:
        positions.pop(key, None)
        return False
    _remember(captures, found)
    positions[key] = [string, found.end + (found.end == found.start)]
    return True


def pl_substitute(
    captures: dict[str, Json],
    subject: Json,
    pattern: Json,
    replacement: Callable[[], Json],
    flags: str,
) -> list[Json]:
    """`s///`: the changed text, and how often it was changed."""
    string, made, end, count, length = text(subject), [], 0, 0, 0
    for found in _places(string, text(pattern), flags.replace("g", ""), "g" in flags):
        _remember(captures, found)
        piece = string[end : found.start] + text(replacement())
        end = found.end
        count += 1
        length += len(piece)
        charge(1)
        charge_text(length)
        made.append(piece)
    return ["".join((*made, string[end:])), count]


def pl_split(pattern: Json, flags: str, subject: Json, limit: Json) -> list[Json]:
    """`split`; without a pattern (`' '`), at runs of blanks."""
    string, most = text(subject), whole(limit)
    if pattern is None:
        string, pattern = string.lstrip(), r"\s+"
    expression = text(pattern)
    if expression == "^":
        flags += "m"
    fields: list[Json] = []
    end = 0
    for count, found in enumerate(_separators(string, expression, flags) if string else ()):
        if 0 < most <= count + 1:
            break
        fields.append(string[end : found.start])
        fields.extend(found.groups[1:])
        charge(1 + len(found.groups))
        end = found.end
    if string:
        fields.append(string[end:])
    while most == 0 and fields and fields[-1] in ("", None):
        fields.pop()
    return fields


def _separators(string: str, pattern: str, flags: str) -> Iterator[patterns.Match]:
    """Where a text is split: an empty separator stands only between two characters."""
    start = end = 0
    while start <= len(string):
        found = patterns.search(string, pattern, flags, start)
        if found is None:
            return
        if found.end > found.start:
            start = end = found.end
            yield found
        elif end < found.start < len(string):
            start = end = found.start
            yield found
        else:
            start = found.start + 1


def pl_transliterate(subject: Json, search: str, replacement: str, flags: str) -> list[Json]:
    """`tr///`: the changed text, and how many characters were found."""
    string = text(subject)
    charge_text(len(string))
    charge(len(string) >> 3)
    delete, squeeze = "d" in flags, "s" in flags
    table = _table(search, replacement, delete)
    rest = (replacement[-1:] or None) if "c" in flags else None
    made: list[str] = []
    count = 0
    before = ""
    for character in string:
        if (character in table) == ("c" in flags):
            made.append(character)
            before = ""
            continue
        count += 1
        new = ("" if delete else rest or character) if "c" in flags else table[character]
        if not (squeeze and new == before):
            made.append(new)
        before = new or before
    return ["".join(made), count]


def _table(search: str, replacement: str, delete: bool) -> dict[str, str]:
    """What each character becomes; of one that is written twice, the first counts."""
    last = "" if delete else (replacement or search)[-1:]
    targets = replacement if replacement or delete else search
    table: dict[str, str] = {}
    for place, character in enumerate(search):
        table.setdefault(character, targets[place] if place < len(targets) else last)
    return table


TEXTS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        *(pl_length, pl_substr, pl_index_of, pl_last_index_of, pl_lcfirst, pl_ucfirst),
        *(pl_chomp, pl_chop, pl_quotemeta, pl_reversed_text, pl_compare_text),
        *(pl_abs, pl_sqrt, pl_log, pl_exp, pl_ord, pl_chr, pl_hex, pl_oct, pl_sprintf),
        *(pl_match, pl_match_all, pl_match_next, pl_substitute, pl_split, pl_transliterate),
    )
}
