"""Family 3xx: types. 301 to 306 what is given to others, 307 to 319 operators and paths, 320 on: values with a form."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

WRONG_INPUT_TYPE = Rule(
    "JCC301",
    "wrong-input-type",
    Severity.ERROR,
    "the input `{name}` of `{callee}` is {wanted}, not {given}",
)
MAYBE_WRONG_TYPE = Rule(
    "JCC302",
    "maybe-wrong-type",
    Severity.WARNING,
    "the {what} `{name}` is {wanted}, and this may be {given}",
)
WRONG_ARGUMENT_TYPE = Rule(
    "JCC303",
    "wrong-argument-type",
    Severity.ERROR,
    "`{function}` wants {wanted} as `{name}`, not {given}",
)
WRONG_ARGUMENT_COUNT = Rule(
    "JCC304", "wrong-argument-count", Severity.ERROR, "`{function}` takes {wanted}, not {given}"
)
WRONG_DEFAULT = Rule(
    "JCC305", "wrong-default", Severity.ERROR, "the default of `{name}` is {given}, not {wanted}"
)
WRONG_OUTPUT_TYPE = Rule(
    "JCC306", "wrong-output-type", Severity.ERROR, "the output `{name}` is {wanted}, not {given}"
)
NO_ARITHMETIC = Rule(
    "JCC307", "no-arithmetic", Severity.ERROR, "`{op}` works on numbers, not on {given}"
)
NOT_A_NUMBER = Rule(
    "JCC308", "not-a-number", Severity.ERROR, "`{op}` works on numbers, and {given} is none"
)
NO_TEXT = Rule("JCC309", "no-text", Severity.ERROR, "`{op}` works on strings, not on {given}")
NO_KEYS = Rule("JCC310", "no-keys", Severity.ERROR, "`{key}` cannot be read from {given}")
NO_KEYS_TO_SET = Rule(
    "JCC311", "no-keys-to-set", Severity.ERROR, "`{key}` cannot be set in {given}"
)
UNKNOWN_KEY = Rule("JCC312", "unknown-key", Severity.WARNING, "{given} has no key `{key}`")
NOT_AN_ARRAY = Rule(
    "JCC313", "not-an-array", Severity.ERROR, "`{what}` wants an array, not {given}"
)
ALWAYS_TRUE = Rule("JCC314", "always-true", Severity.WARNING, "this condition is always true")
ALWAYS_FALSE = Rule("JCC315", "always-false", Severity.WARNING, "this condition is always false")
ARRAY_AS_CONDITION = Rule(
    "JCC316", "array-as-condition", Severity.WARNING, "{given} is true even when it is empty"
)
NEVER_EQUAL = Rule("JCC317", "never-equal", Severity.WARNING, "{left} and {right} are never equal")
LABEL_NEVER_FITS = Rule(
    "JCC318", "label-never-fits", Severity.WARNING, "{given} is never `{label}`"
)
DIVISION_BY_ZERO = Rule("JCC319", "division-by-zero", Severity.ERROR, "`{op}` by zero")
BAD_PATTERN = Rule("JCC320", "bad-pattern", Severity.ERROR, "the pattern cannot be read: {problem}")
BAD_DURATION = Rule("JCC321", "bad-duration", Severity.ERROR, "{given} is no duration")
WRONG_LOCK_VALUE = Rule(
    "JCC322",
    "wrong-lock-value",
    Severity.ERROR,
    "a lock's value is a string or number, not {given}",
)
WRONG_CONFIG_VALUE = Rule(
    "JCC324", "wrong-config-value", Severity.ERROR, "`{name}` is {wanted}, not {given}"
)
NULL_REACHES = Rule(
    "JCC325", "null-reaches", Severity.WARNING, "this may be null, and {what} wants {wanted}"
)
WRONG_EVENTS = Rule(
    "JCC326", "wrong-events", Severity.ERROR, "`events` is an array of names, not {given}"
)
