"""The functions of the language: one typed table for the checker, completion, hover and the docs.

What a function does at run time stands in `jobcenter.sandbox.functions` under the same names. A parameter's type is what the
function works on; the language turns scalars into one another on the way (see `jcc.frontend.conversion`). Most of this module's lines are the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    ArrayType,
    Field,
    ObjectType,
    Type,
    array_of,
    defined,
    display,
    join,
    literal_of,
    may_be_null,
    members_of,
    object_of,
    union_of,
    widened,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`variadic` stands for any number of arguments, none included, and is the last."""

    name: str
    type: Type
    optional: bool = False
    variadic: bool = False


Result = Type | Callable[[Sequence[Type]], Type]


@dataclass(frozen=True, slots=True)
class Function:
    """`result` is a type, or a rule that finds it from the arguments' types (as many as were given)."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Result
    doc: str
    aliases: tuple[str, ...] = ()

    @property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not (p.optional or p.variadic) for p in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes; None for any number."""
        if self.parameters and self.parameters[-1].variadic:
            return None
        return len(self.parameters)

    def parameter(self, index: int) -> Parameter | None:
        """The parameter that takes the argument number `index`, from 0."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.parameters[-1] if self.parameters and self.most is None else None

    def result_of(self, arguments: Sequence[Type]) -> Type:
        return self.result(arguments) if callable(self.result) else self.result

    @property
    def label(self) -> str:
        """`substr(s: string, from: integer, len?: integer) -> string`, for people."""
        shown = ", ".join(
            f"{'...' if p.variadic else ''}{p.name}{'?' if p.optional else ''}: {display(p.type)}"
            for p in self.parameters
        )
        result = self.result_of([p.type for p in self.parameters])
        return f"{self.name}({shown}) -> {display(result)}"


# -- results that depend on the arguments ---------------------------------------------------------------------------


def _first(arguments: Sequence[Type]) -> Type:
    return arguments[0] if arguments else ANY


def _if_defined(arguments: Sequence[Type]) -> Type:
    return _first(arguments)


def _array(arguments: Sequence[Type]) -> Type:
    return array_of(union_of(arguments))


def _item(type: Type) -> Type:
    """What an array of this type holds; ANY where it may be something else."""
    match type:
        case ArrayType(item=item):
            return item
        case _:
            return ANY


def _items(type: Type) -> Type:
    """The union of the items of all arrays in the type."""
    return union_of(_item(member) for member in members_of(defined(type)))


def _same_array(arguments: Sequence[Type]) -> Type:
    return array_of(_items(_first(arguments)))


def _same_kind(arguments: Sequence[Type]) -> Type:
    """A string of a string, an array of an array."""
    kinds = {
        array_of(_item(member)) if isinstance(member, ArrayType) else _string_or_any(member)
        for member in members_of(defined(_first(arguments)))
    }
    return union_of(kinds) if kinds else ANY


def _string_or_any(type: Type) -> Type:
    return STRING if type is STRING or getattr(type, "base", None) is STRING else ANY


def _values(arguments: Sequence[Type]) -> Type:
    found: list[Type] = []
    for member in members_of(defined(_first(arguments))):
        if not isinstance(member, ObjectType):
            return ARRAY
        found.extend(field.type for _, field in member.fields)
        found.append(member.rest)
    return array_of(union_of(found))


def _flattened(arguments: Sequence[Type]) -> Type:
    items = _items(_first(arguments))
    return array_of(
        union_of(_item(m) if isinstance(m, ArrayType) else m for m in members_of(items))
    )


def _merged(arguments: Sequence[Type]) -> Type:
    """Keys of the later objects replace those of the earlier ones."""
    fields: dict[str, Field] = {}
    rest: Type = NEVER
    for argument in arguments:
        solid = defined(argument)
        if not isinstance(solid, ObjectType):
            return OBJECT
        certain = not may_be_null(argument)
        for name in {**fields, **dict(solid.fields)}:
            field = solid.field(name) or Field(solid.rest, False)
            before = fields.get(name) or Field(rest, False)
            if field.required and certain:
                fields[name] = field
            else:
                fields[name] = Field(join(before.type, field.type), before.required)
        rest = join(rest, solid.rest)
    return object_of(fields, rest)


def _least_or_most(arguments: Sequence[Type]) -> Type:
    """`min(1, 2)` and `min(array(1, 2))` give what they choose as it is, be it a string; null where there is nothing to choose
    from."""
    if len(arguments) != 1:
        return widened(union_of(arguments)) if arguments else NULL
    of_one = (
        join(member.item, NULL) if isinstance(member, ArrayType) else member
        for member in members_of(arguments[0])
    )
    return widened(union_of(of_one))


def _numeric(arguments: Sequence[Type]) -> Type:
    """Integer where all arguments are integers."""
    integers = all(
        member is INTEGER or getattr(member, "base", None) is INTEGER
        for argument in arguments
        for member in members_of(argument)
    )
    return INTEGER if arguments and integers else NUMBER


def _total(arguments: Sequence[Type]) -> Type:
    return _numeric([_items(_first(arguments))])


def _rounded(arguments: Sequence[Type]) -> Type:
    return INTEGER if len(arguments) == 1 else NUMBER


# -- the table ----------------------------------------------------------------------------------------------------

_TEXT_OR_ARRAY = union_of((STRING, ARRAY))
_SIZED = union_of((STRING, ARRAY, OBJECT))
_STRINGS = array_of(STRING)
_TYPE_NAMES = union_of(
    literal_of(name) for name in ("null", "boolean", "number", "string", "array", "object")
)
_ANY = Parameter("x", ANY)
_TEXT = Parameter("s", STRING)
_LIST = Parameter("list", ARRAY)
_NUMBER = Parameter("n", NUMBER)

_ROWS: tuple[Function, ...] = (
    Function(
        "concat",
        (Parameter("parts", STRING, variadic=True),),
        STRING,
        "Joins its arguments into one string: `concat('a', 1)` is `'a1'`.",
    ),
    Function(
        "defined",
        (_ANY,),
        BOOLEAN,
        "Whether the value is there and not null: `defined(v.x)`.",
    ),
    Function(
        "ifdef",
        (_ANY,),
        _if_defined,
        "Alone on the right side: assigns only where the value is defined, as in `log = ifdef(o.log)`.",
    ),
    Function(
        "tostring",
        (_ANY,),
        STRING,
        "The value as a string, arrays and objects as JSON: `tostring(1.50)` is `'1.5'`.",
    ),
    Function("tonumber", (_TEXT,), NUMBER, "The number that a string spells: `tonumber('12')`."),
    Function(
        "array",
        (Parameter("items", ANY, variadic=True),),
        _array,
        "An array of its arguments: `array(1, 'two')`.",
    ),
    Function(
        "object",
        (Parameter("entries", ANY, variadic=True),),
        OBJECT,
        "An object of keys and values: `object(name: a.name, size: 3)`.",
    ),
    Function(
        "tojson",
        (_ANY,),
        STRING,
        "The value as compact JSON with sorted keys: `tojson(array(1))` is `'[1]'`.",
        ("to_json", "encode_json"),
    ),
    Function(
        "fromjson",
        (_TEXT,),
        ANY,
        "The value of a JSON text: `fromjson('[1]')` is `array(1)`.",
        ("from_json", "decode_json"),
    ),
    Function(
        "b64encode",
        (_TEXT,),
        STRING,
        "The Base64 text of a string's UTF-8 bytes: `b64encode('a')` is `'YQ=='`.",
        ("encode_base64",),
    ),
    Function(
        "b64decode",
        (_TEXT,),
        STRING,
        "The string of a Base64 text: `b64decode('YQ==')` is `'a'`.",
        ("decode_base64",),
    ),
    Function(
        "md5", (_TEXT,), STRING, "The MD5 sum as hexadecimal digits: `md5(v.name)`.", ("md5_hex",)
    ),
    Function(
        "md5b64", (_TEXT,), STRING, "The MD5 sum as Base64: `md5b64(v.name)`.", ("md5_base64",)
    ),
    Function(
        "keys",
        (Parameter("o", OBJECT),),
        _STRINGS,
        "The keys of an object, sorted: `keys(object(b: 1, a: 2))` is `array('a', 'b')`.",
    ),
    Function(
        "values",
        (Parameter("o", OBJECT),),
        _values,
        "The values of an object in the order of its sorted keys: `values(v.sizes)`.",
    ),
    Function(
        "list",
        (_ANY,),
        ARRAY,
        "The value as an array: `list(object(a: 1))` is `array('a', 1)`, and `list(null)` is empty.",
    ),
    Function(
        "length",
        (Parameter("x", _SIZED),),
        INTEGER,
        "The number of characters, items or keys: `length(v.ips)`.",
    ),
    Function("lower", (_TEXT,), STRING, "The string in lower case: `lower('Ab')` is `'ab'`."),
    Function("upper", (_TEXT,), STRING, "The string in upper case: `upper('Ab')` is `'AB'`."),
    Function(
        "trim", (_TEXT,), STRING, "The string without blanks at its ends: `trim(' a ')` is `'a'`."
    ),
    Function(
        "split",
        (_TEXT, Parameter("sep", STRING, optional=True)),
        _STRINGS,
        "The parts of a string between separators, or between blanks: `split('a,b', ',')` is `array('a', 'b')`.",
    ),
    Function(
        "join",
        (_LIST, Parameter("sep", STRING, optional=True)),
        STRING,
        "The items of an array as one string: `join(array('a', 'b'), ',')` is `'a,b'`.",
    ),
    Function(
        "replace",
        (_TEXT, Parameter("old", STRING), Parameter("new", STRING)),
        STRING,
        "The string with each `old` replaced: `replace('a.b', '.', '-')` is `'a-b'`.",
    ),
    Function(
        "substr",
        (_TEXT, Parameter("from", INTEGER), Parameter("len", INTEGER, optional=True)),
        STRING,
        "A part of a string; a negative `from` counts from the end: `substr('hello', 1, 3)` is `'ell'`.",
    ),
    Function(
        "contains",
        (Parameter("x", _SIZED), Parameter("y", ANY)),
        BOOLEAN,
        "Whether a string has the text, an array the item, an object the key: `contains('abc', 'b')`.",
    ),
    Function(
        "startswith",
        (_TEXT, Parameter("start", STRING)),
        BOOLEAN,
        "Whether the string begins so: `startswith(v.name, 'www.')`.",
    ),
    Function(
        "endswith",
        (_TEXT, Parameter("end", STRING)),
        BOOLEAN,
        "Whether the string ends so: `endswith(v.name, '.nl')`.",
    ),
    Function(
        "matches",
        (_TEXT, Parameter("re", STRING), Parameter("flags", STRING, optional=True)),
        BOOLEAN,
        "Whether the pattern is found in the string: `matches(v.code, '^[a-z]+$', 'i')`.",
    ),
    Function(
        "sort", (_LIST,), _same_array, "The array in order: `sort(array(3, 1))` is `array(1, 3)`."
    ),
    Function(
        "reverse",
        (Parameter("x", _TEXT_OR_ARRAY),),
        _same_kind,
        "The array or string from its end: `reverse(array(1, 2))` is `array(2, 1)`.",
    ),
    Function(
        "unique",
        (_LIST,),
        _same_array,
        "The array with each item once: `unique(array(1, 1))` is `array(1)`.",
    ),
    Function(
        "slice",
        (
            Parameter("x", _TEXT_OR_ARRAY),
            Parameter("from", INTEGER),
            Parameter("to", INTEGER, optional=True),
        ),
        _same_kind,
        "The part from one index up to, not including, another: `slice(array(1, 2, 3), 0, 2)` is `array(1, 2)`.",
    ),
    Function(
        "flatten",
        (_LIST,),
        _flattened,
        "The array with the arrays in it laid out: `flatten(array(1, array(2)))` is `array(1, 2)`.",
    ),
    Function(
        "merge",
        (Parameter("objects", OBJECT, variadic=True),),
        _merged,
        "One object with the keys of all, the later ones winning: `merge(v.defaults, a.settings)`.",
    ),
    Function(
        "get",
        (Parameter("x", ANY), Parameter("path", ANY), Parameter("default", ANY, optional=True)),
        ANY,
        "What lies at a path such as `'order.lines[0]'`, or the default: `get(v.order, 'price', 0)`.",
    ),
    Function("sum", (_LIST,), _total, "The sum of an array of numbers: `sum(array(1, 2))` is `3`."),
    Function(
        "min",
        (Parameter("values", ANY, variadic=True),),
        _least_or_most,
        "The smallest of the arguments, or of one array's items: `min(3, 1)` is `1`.",
    ),
    Function(
        "max",
        (Parameter("values", ANY, variadic=True),),
        _least_or_most,
        "The greatest of the arguments, or of one array's items: `max(3, 1)` is `3`.",
    ),
    Function("abs", (_NUMBER,), _numeric, "The number without its sign: `abs(-3)` is `3`."),
    Function(
        "round",
        (_NUMBER, Parameter("digits", INTEGER, optional=True)),
        _rounded,
        "The nearest integer, or the nearest number with so many digits: `round(2.345, 2)`.",
    ),
    Function("floor", (_NUMBER,), INTEGER, "The greatest integer not above: `floor(2.7)` is `2`."),
    Function("ceil", (_NUMBER,), INTEGER, "The smallest integer not below: `ceil(2.1)` is `3`."),
    Function(
        "range",
        (
            Parameter("from", INTEGER),
            Parameter("to", INTEGER, optional=True),
            Parameter("step", INTEGER, optional=True),
        ),
        array_of(INTEGER),
        "The integers up to, not including, `to`: `range(3)` is `array(0, 1, 2)`, `range(1, 3)` is `array(1, 2)`.",
    ),
    Function(
        "sha256", (_TEXT,), STRING, "The SHA-256 sum as hexadecimal digits: `sha256(v.name)`."
    ),
    Function("uuid", (), STRING, "A new random UUID: `uuid()`."),
    Function("now", (), STRING, "The time in UTC as ISO 8601: `now()`."),
    Function(
        "typeof", (_ANY,), _TYPE_NAMES, "The name of the value's type: `typeof(1)` is `'number'`."
    ),
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in _ROWS}
"""Each function by its own name."""

BY_NAME: dict[str, Function] = {
    name: function for function in _ROWS for name in (function.name, *function.aliases)
}
"""Each function by its name and by its aliases."""


def find_function(name: str) -> Function | None:
    """The function of a name or an alias."""
    return BY_NAME.get(name)
