"""Words that people bring from other languages: what each is called here, or what to do where there is no such thing."""

from __future__ import annotations

from typing import Final

SYNONYMS: Final = {
    **{
        "elif": "elsif",
        "elseif": "elsif",
        "otherwise": "else",
        "default": "else",
        "switch": "case",
    },
    **{"match": "case", "foreach": "map", "for": "map", "loop": "repeat", "except": "catch"},
    **{"rescue": "catch", "throw": "raise_error", "raise": "raise_error"},
    **{"die": "raise_error", "set": "eval", "exit": "return", "wait": "sleep", "fork": "split"},
    **{"emit": "raise_event", "publish": "raise_event", "spawn": "detachflow", "run": "call"},
    **{"def": "workflow", "function": "workflow", "func": "workflow", "sub": "workflow"},
}
"""What a line begins with elsewhere, and here."""

_LOOP: Final = (
    "`while` and `repeat` are the loops; `map NAME using v.list:` starts a job for each element"
)
_NO_BREAK: Final = "a loop ends by its condition; `goto` leaves it from within"
_NO_END: Final = "a block ends where its indentation ends"
_VARIABLE: Final = "a variable is set below an `eval:`, as `x = 1`"
_SHOWN: Final = "`jobcenter job show` tells what each step of a job did to the variables"
_CODE_ONLY: Final = "modules are for workers; code blocks have the functions of the language"

NO_STATEMENTS: Final = {
    **dict.fromkeys(("for", "foreach"), _LOOP),
    **dict.fromkeys(("break", "continue", "next", "last"), _NO_BREAK),
    **dict.fromkeys(("end", "endif", "fi", "done", "esac", "}", "{"), _NO_END),
    **dict.fromkeys(("var", "my", "our", "local", "const"), _VARIABLE),
    **dict.fromkeys(("print", "puts", "echo", "say", "printf", "log"), _SHOWN),
    **dict.fromkeys(("import", "from", "use", "require"), _CODE_ONLY),
    "pass": "a block must do something; leave it out, or turn the condition round",
    "finally": "what is to be done in any case stands behind the `try`, and in its `catch:` before an error is raised again",
    "unless": "write `if not …:`",
    "await": "`call NAME:` waits for what it calls",
    "async": "`split:` does things at the same time, `detachflow NAME:` does not wait",
}
"""What is no statement here: the way out."""

COMMENTS: Final = ("//", "/*", "--", '""', "''")
"""What comments begin with elsewhere."""

STRAY: Final = {
    "if": "there is no `… if … else …` in a value; use the statement `if`, or a code block",
    "unless": "there is no `unless` behind a statement; put it below an `if`",
    "then": "the `:` at the end of the line opens the block",
    "is": "`defined(x)` asks whether there is a value",
    "in": "`contains(x, y)` asks whether y is in x",
    "not": "`not contains(x, y)` asks whether y is not in x",
}
"""What stands behind a whole line or value elsewhere."""

VALUES: Final = {
    **{"True": "true", "False": "false", "None": "null", "nil": "null", "Null": "null"},
    **{"undef": "null", "undefined": "null", "yes": "true", "no": "false"},
}

FUNCTIONS: Final = {
    **dict.fromkeys(("len", "size", "count", "strlen"), "length"),
    **dict.fromkeys(("str", "string", "String"), "tostring"),
    **dict.fromkeys(("int", "float", "number", "Number", "parseInt", "parseFloat"), "tonumber"),
    **{"strip": "trim", "lc": "lower", "tolower": "lower", "uc": "upper", "toupper": "upper"},
    **{"json_encode": "tojson", "dumps": "tojson", "stringify": "tojson"},
    **{"json_decode": "fromjson", "loads": "fromjson", "substring": "substr"},
    **{"type": "typeof", "isset": "defined", "exists": "defined", "dict": "object"},
    **{"sprintf": "concat", "format": "concat", "sorted": "sort", "reversed": "reverse"},
}

TYPES: Final = {
    **dict.fromkeys(("int", "long", "Integer"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "real"), "number"),
    **dict.fromkeys(("str", "text", "String", "varchar"), "string"),
    **dict.fromkeys(("dict", "hash", "map", "struct", "jsonb"), "object"),
    **{"list": "array", "tuple": "array", "bool": "boolean", "none": "null", "None": "null"},
}
