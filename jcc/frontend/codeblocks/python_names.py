"""What a Python block may name, call and use: the compiler's copy of the sandbox's lists (a test holds them together)."""

from __future__ import annotations

import ast

from jcc.frontend.functions import BY_NAME
from jcc.frontend.functions import FUNCTIONS as FUNCTION_TABLE

BUILTINS = frozenset(
    [
        "len",
        "int",
        "float",
        "str",
        "bool",
        "list",
        "tuple",
        "dict",
        "min",
        "max",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "map",
        "filter",
        "any",
        "all",
        "divmod",
        "isinstance",
        "abs",
        "round",
        "range",
        "sum",
    ]
)
FUNCTIONS = BUILTINS | frozenset(BY_NAME)
RESERVED = ("op_", "fn_", "pl_")
# What the runtime sets in `e`; there alone a block may write `e._error` for `e["_error"]`.
SET_IN_ENVIRONMENT = frozenset(["_error", "_i", "_v"])
# The operations of native code and of translated Perl, which blocks that `jcc migrate` made go on using.
_NATIVE = """
get put put_defined copy copy_all add sub mul div mod pow neg pos join repeat append eq ne lt le gt ge
str_eq str_ne str_lt str_le str_gt str_ge match true not and or defined_or xor case
"""
_PERL = """
array hash array_at hash_at put key index fill copy pairs flatten keys values exists delete delete_all slice slice_pairs
put_slice push unshift pop shift splice concat last rest repeat reversed range sort compare mod int ref apply die length
substr index_of last_index_of lcfirst ucfirst chomp chop quotemeta reversed_text compare_text abs sqrt log exp ord chr hex
oct sprintf match match_all match_next substitute split transliterate
"""
OPERATIONS = frozenset(
    (*(f"op_{name}" for name in _NATIVE.split()), *(f"pl_{name}" for name in _PERL.split()))
)
RUNTIME = OPERATIONS | frozenset(f"fn_{function.name}" for function in FUNCTION_TABLE.values())

STRING_METHODS = frozenset(
    [
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "startswith",
        "endswith",
        "removeprefix",
        "removesuffix",
        "find",
        "index",
        "count",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "isnumeric",
        "isdecimal",
        "istitle",
        "partition",
        "strip",
        "lstrip",
        "rstrip",
        "rfind",
        "rindex",
        "rpartition",
        "center",
        "ljust",
        "rjust",
        "zfill",
        "split",
        "rsplit",
        "splitlines",
        "join",
        "replace",
    ]
)
ARRAY_METHODS = frozenset(
    [
        "index",
        "count",
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "sort",
        "reverse",
        "copy",
        "clear",
    ]
)
OBJECT_METHODS = frozenset(
    ["get", "keys", "values", "items", "pop", "setdefault", "update", "copy", "clear"]
)
METHODS = STRING_METHODS | ARRAY_METHODS | OBJECT_METHODS | {"is_integer"}
# Those that change what they are called on.
CHANGING = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "sort",
        "reverse",
        "clear",
        "setdefault",
        "update",
    ]
)
# Attributes that reach into the interpreter.
INSPECTED = frozenset(
    [
        "tb_frame",
        "tb_next",
        "f_back",
        "f_builtins",
        "f_code",
        "f_generator",
        "f_globals",
        "f_locals",
        "f_trace",
        "co_code",
        "gi_frame",
        "gi_code",
        "gi_yieldfrom",
        "cr_await",
        "cr_frame",
        "cr_code",
        "cr_origin",
        "ag_await",
        "ag_frame",
        "ag_code",
    ]
)

# Node types that the sandbox refuses: what to call them, and what to do instead.
CONSTRUCTS: dict[type[ast.AST], tuple[str, str | None]] = {
    **dict.fromkeys(
        (ast.Import, ast.ImportFrom),
        ("`import`", "the functions of the language are there without it"),
    ),
    **dict.fromkeys(
        (ast.Try, ast.TryStar),
        ("`try`", "errors of a block are caught by the workflow's `try:`"),
    ),
    **dict.fromkeys((ast.Yield, ast.YieldFrom), ("`yield`", "collect the values in a list")),
    **dict.fromkeys(
        (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await), ("`async`", None)
    ),
    **dict.fromkeys((ast.Set, ast.SetComp), ("a set", "use a list, and `unique`")),
    ast.ClassDef: ("`class`", "use objects: `{'name': …}`"),
    ast.With: ("`with`", None),
    ast.Global: ("`global`", "use the objects of the job"),
    ast.Nonlocal: ("`nonlocal`", "return the value"),
    ast.Match: ("`match`", "use `if` and `elif`"),
    ast.Raise: ("`raise`", "use the workflow's `raise_error`"),
    ast.Assert: ("`assert`", "use the workflow's `assert`"),
    ast.AnnAssign: ("an annotation", "leave the type out"),
}

ALLOWED = (
    *(ast.Module, ast.FunctionDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign, ast.For),
    *(ast.While, ast.If, ast.Expr, ast.Pass, ast.Break, ast.Continue),
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict),
    *(ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue),
    *(ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Name, ast.List, ast.Tuple),
    *(ast.Slice, ast.Starred, ast.arguments, ast.arg, ast.keyword, ast.comprehension),
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)

# What people write instead of a name that is there.
MEANT = {
    "true": "write `True`",
    "false": "write `False`",
    "null": "write `None`",
    "print": "a block has no output: put the text into `v`",
    "open": "a block sees no files: let an action do it",
    "set": "use a list, and `unique`",
    "datetime": "`now()` gives the time as ISO 8601",
    "time": "`now()` gives the time as ISO 8601",
    "json": "`tojson(…)` and `fromjson(…)`",
    "re": "`matches(s, pattern)`",
    "type": "`typeof(x)` names the type",
    "getattr": "`x.get(name)`",
}
