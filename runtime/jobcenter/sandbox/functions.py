"""The functions of the language, by name: `FUNCTIONS` and `ALIASES`. Total: only JclError is raised.

Texts, conversions and objects are here; what works on arrays is in `arrays`, and both take what a type does not fit as
the operators do: null is '' or 0 or empty, numeric strings are numbers. Signatures and documentation texts are the
compiler's (`jcc.frontend.functions`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable
from typing import Final, NoReturn
from uuid import uuid4

from jobcenter.artifact import Json
from jobcenter.sandbox import arrays, clock, patterns
from jobcenter.sandbox.errors import JclError, normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import DIGITS, charge, charge_items, charge_text
from jobcenter.sandbox.operations import op_case, op_get
from jobcenter.sandbox.paths import split_path
from jobcenter.sandbox.trees import check_storable, storable
from jobcenter.sandbox.values import finite, kind_of, number, text, whole

_TYPES: Final = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
}


def paid_text(value: Json) -> str:
    """A value as a string that is about to be read from end to end."""
    string = text(value)
    charge_text(len(string))
    return string


# -- values -------------------------------------------------------------------------------------------------------


def fn_defined(x: Json) -> Json:
    return x is not None


def fn_ifdef(x: Json) -> Json:
    return x


def fn_typeof(x: Json) -> Json:
    if type(x) not in _TYPES:
        raise type_error(f"{kind_of(x)} is not a value")
    return _TYPES[type(x)]


def fn_tostring(x: Json) -> Json:
    """Arrays and objects as JSON."""
    return fn_tojson(x) if isinstance(x, list | tuple | dict) else text(x)


def fn_tonumber(x: Json) -> Json:
    return number(x)


def fn_array(*items: Json) -> Json:
    return list(items)


def fn_object(*entries: Json, **fields: Json) -> Json:
    """Key, value, key, value, …"""
    if len(entries) % 2:
        raise normal_error("`object` takes a value for each key")
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return {**{op_case(key): value for key, value in pairs}, **fields}


def fn_uuid() -> Json:
    charge(4)
    return str(uuid4())


def fn_now() -> Json:
    charge(2)
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


# -- texts --------------------------------------------------------------------------------------------------------


def fn_concat(*parts: Json) -> Json:
    texts = [text(part) for part in parts]
    charge_text(sum(map(len, texts)))
    return "".join(texts)


def fn_length(x: Json) -> Json:
    return len(x) if isinstance(x, list | tuple | dict) else len(text(x))


def fn_lower(s: Json) -> Json:
    return paid_text(s).lower()


def fn_upper(s: Json) -> Json:
    return paid_text(s).upper()


def fn_trim(s: Json) -> Json:
    return paid_text(s).strip()


def fn_split(s: Json, sep: Json = None) -> Json:
    """Without a separator, at runs of blanks; with an empty one, into characters; of null, nothing."""
    if s is None:
        return []
    string, separator = paid_text(s), text(sep)
    if separator == "":
        charge(len(string) >> 2)
        charge_items(len(string))
        return string.split() if sep is None else list(string)
    count = string.count(separator) + 1
    charge_items(count)
    charge(count)
    return string.split(separator)


def fn_replace(s: Json, old: Json, new: Json) -> Json:
    string, before, after = paid_text(s), text(old), text(new)
    charge_text(len(string) + string.count(before) * (len(after) - len(before)))
    return string.replace(before, after)


def fn_substr(s: Json, start: Json, length: Json = None) -> Json:
    """A negative start counts from the end; a negative length leaves so many off the end."""
    string, first = paid_text(s), whole(start)
    first = max(0, first + len(string)) if first < 0 else first
    if length is None:
        return string[first:]
    count = whole(length)
    return (
        string[first : first + count]
        if count >= 0
        else string[first : max(first, len(string) + count)]
    )


def fn_startswith(s: Json, prefix: Json) -> Json:
    return text(s).startswith(paid_text(prefix))


def fn_endswith(s: Json, suffix: Json) -> Json:
    return text(s).endswith(paid_text(suffix))


def fn_matches(s: Json, pattern: Json, flags: Json = "") -> Json:
    return patterns.fits(s, text(pattern), text(flags))


# -- encodings ----------------------------------------------------------------------------------------------------


def fn_tojson(x: Json) -> Json:
    """Compact, with sorted keys."""
    charge(check_storable(x))
    try:
        encoded = json.dumps(
            x, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise type_error(f"cannot be written as JSON: {error}") from None
    charge_text(len(encoded))
    return encoded


def fn_fromjson(s: Json) -> Json:
    """The value that a JSON text stands for; null for null."""
    if s is None:
        return None
    string = paid_text(s)
    # Each node needs one of these before it, so that the value's size is known before it is made.
    charge(string.count(",") + string.count("[") + string.count("{"))
    try:
        value: Json = json.loads(string, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise normal_error(f"not JSON: {error}") from None
    check_storable(value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _octets(value: Json) -> bytes:
    try:
        return paid_text(value).encode()
    except UnicodeEncodeError:
        raise normal_error("a string holds half of a surrogate pair") from None


def fn_b64encode(s: Json) -> Json:
    return base64.b64encode(_octets(s)).decode()


def fn_b64decode(s: Json) -> Json:
    """The text of a base64 string; blanks in it are skipped, and padding may be left out."""
    encoded = b"".join(_octets(s).split())
    try:
        return storable(
            base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True).decode()
        )
    except binascii.Error:
        raise normal_error("not base64") from None
    except UnicodeDecodeError:
        raise normal_error("the base64 string does not hold a text") from None


def fn_md5(s: Json) -> Json:
    return hashlib.md5(_octets(s), usedforsecurity=False).hexdigest()


def fn_md5b64(s: Json) -> Json:
    """Without padding."""
    digest = hashlib.md5(_octets(s), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode().rstrip("=")


def fn_sha256(s: Json) -> Json:
    return hashlib.sha256(_octets(s)).hexdigest()


# -- numbers ------------------------------------------------------------------------------------------------------


def fn_abs(x: Json) -> Json:
    return abs(number(x))


def fn_round(x: Json, digits: Json = None) -> Json:
    """Half to even. To an integer, or to so many digits."""
    value = finite(number(x))
    if digits is None:
        return round(value)
    places = whole(digits)
    if abs(places) > DIGITS:
        raise sandbox_error(f"`round` to more than {DIGITS} digits")
    return finite(round(value, places))


def fn_floor(x: Json) -> Json:
    return math.floor(finite(number(x)))


def fn_ceil(x: Json) -> Json:
    return math.ceil(finite(number(x)))


# -- objects ------------------------------------------------------------------------------------------------------


def _fields(x: Json) -> dict[str, Json]:
    if x is None:
        return {}
    if not isinstance(x, dict):
        raise type_error(f"{kind_of(x)} is not an object")
    charge_items(len(x))
    return x


def _names(fields: dict[str, Json]) -> list[str]:
    # The database keeps no order of keys; sorted, a job does the same before and after it was stored.
    try:
        return sorted(fields)
    except TypeError:
        raise type_error("the keys of an object are strings") from None


def fn_keys(o: Json) -> Json:
    """Sorted."""
    return list(_names(_fields(o)))


def fn_values(o: Json) -> Json:
    """In the order of the keys."""
    fields = _fields(o)
    return [fields[name] for name in _names(fields)]


def fn_list(x: Json) -> Json:
    """An array as it is, null as the empty one, an object as keys and values by turns, anything else as its only entry."""
    if isinstance(x, dict):
        fields = _fields(x)
        return [part for name in _names(fields) for part in (name, fields[name])]
    return list(arrays.entries(x)) if x is None or isinstance(x, list | tuple) else [x]


def fn_merge(*objects: Json) -> Json:
    """The later object wins."""
    merged: dict[str, Json] = {}
    for each in objects:
        merged.update(_fields(each))
    return merged


def fn_get(x: Json, path: Json, default: Json = None) -> Json:
    """What lies at a path (`'a.b[0]'` or an array of keys), or the default where nothing does."""
    keys = path if isinstance(path, list | tuple) else split_path(text(path))
    charge_items(len(keys))
    try:
        found = op_get(x, *keys) if keys else x
    except JclError:
        return default  # the path leads through a string or a number, where nothing is
    return default if found is None else found


def fn_contains(x: Json, y: Json) -> Json:
    """A string has a part, an array an entry, an object a key; null has nothing."""
    if x is None:
        return False
    if isinstance(x, dict):
        return y is not None and text(y) in x
    if isinstance(x, list | tuple):
        return arrays.has(x, y)
    return text(y) in paid_text(x)


_OWN: Final = {
    function.__name__.removeprefix("fn_"): function
    for function in (
        *(fn_concat, fn_defined, fn_ifdef, fn_tostring, fn_tonumber, fn_array, fn_object),
        *(fn_tojson, fn_fromjson, fn_b64encode, fn_b64decode, fn_md5, fn_md5b64, fn_sha256),
        *(fn_keys, fn_values, fn_list, fn_length, fn_lower, fn_upper, fn_trim, fn_split),
        *(fn_replace, fn_substr, fn_contains, fn_startswith, fn_endswith, fn_matches),
        *(fn_merge, fn_get, fn_abs, fn_round, fn_floor, fn_ceil, fn_uuid, fn_now, fn_typeof),
    )
}
FUNCTIONS: Final[dict[str, Callable[..., Json]]] = {**_OWN, **arrays.FUNCTIONS}

ALIASES: Final = {
    "to_json": "tojson",
    "encode_json": "tojson",
    "from_json": "fromjson",
    "decode_json": "fromjson",
    "encode_base64": "b64encode",
    "decode_base64": "b64decode",
    "md5_hex": "md5",
    "md5_base64": "md5b64",
}
