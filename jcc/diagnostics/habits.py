"""Family 7xx: habits from Perl and from the predecessor that mean something else here."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

STRING_EQUALITY = Rule(
    "JCC701", "string-equality", Severity.WARNING, "`{op}` compares numbers, and these are strings"
)
STRING_ORDER = Rule(
    "JCC702", "string-order", Severity.WARNING, "`{op}` compares numbers, and these are strings"
)
POWER_CHAIN = Rule(
    "JCC703", "power-chain", Severity.WARNING, "`**` is read from the right: `{text}`"
)
LOOSE_OPERATOR = Rule(
    "JCC704", "loose-operator", Severity.INFO, "`{op}` takes part in what is assigned"
)
NUMBER_AS_TEXT = Rule(
    "JCC705", "number-as-text", Severity.WARNING, "`{op}` compares strings, and these are numbers"
)
BOOLEAN_AS_TEXT = Rule(
    "JCC706", "boolean-as-text", Severity.WARNING, "a boolean is `true` or `false`, never `{text}`"
)
NEGATED_OPERAND = Rule(
    "JCC707", "negated-operand", Severity.WARNING, "`!` belongs to the left side alone"
)
JOIN_AND_SUM = Rule(
    "JCC709",
    "join-and-sum",
    Severity.WARNING,
    "`.` and `{op}` are read from the left, one after the other",
)
PLUS_ON_STRINGS = Rule(
    "JCC708", "plus-on-strings", Severity.WARNING, "`+` adds numbers, and these are strings"
)
STRING_INTERPOLATION = Rule(
    "JCC710", "string-interpolation", Severity.WARNING, "`{text}` in a string stays as it is"
)
