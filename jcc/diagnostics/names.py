"""Family 2xx: names. 201 to 206 callees, 207 to 210 other uses, 211 to 229 declarations and places, 230 on: maps."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

UNKNOWN_ACTION = Rule(
    "JCC201",
    "unknown-action",
    Severity.ERROR,
    "no action, workflow or procedure is named `{name}`",
)
UNKNOWN_WORKFLOW = Rule(
    "JCC202", "unknown-workflow", Severity.ERROR, "no workflow is named `{name}`"
)
NOT_A_WORKFLOW = Rule(
    "JCC203",
    "not-a-workflow",
    Severity.ERROR,
    "`{name}` is {kind}, and `{statement}` starts workflows",
)
UNKNOWN_INPUT = Rule(
    "JCC204", "unknown-input", Severity.WARNING, "`{callee}` has no input `{name}`"
)
MISSING_INPUT = Rule("JCC205", "missing-input", Severity.ERROR, "`{callee}` needs {inputs}")
UNKNOWN_OUTPUT = Rule(
    "JCC206", "unknown-output", Severity.WARNING, "`{callee}` has no output `{name}`"
)
UNKNOWN_ARGUMENT = Rule(
    "JCC207", "unknown-argument", Severity.WARNING, "the workflow has no input `{name}`"
)
UNKNOWN_VARIABLE = Rule("JCC208", "unknown-variable", Severity.WARNING, "nothing sets `v.{name}`")
UNKNOWN_FUNCTION = Rule(
    "JCC209", "unknown-function", Severity.ERROR, "no function is named `{name}`"
)
UNKNOWN_TYPE = Rule("JCC210", "unknown-type", Severity.ERROR, "no type is named `{name}`")
UNKNOWN_LABEL = Rule("JCC211", "unknown-label", Severity.ERROR, "no label is named `{name}`")
DUPLICATE_LABEL = Rule(
    "JCC212", "duplicate-label", Severity.ERROR, "the label `{name}` stands twice"
)
DUPLICATE_DECLARATION = Rule(
    "JCC213", "duplicate-declaration", Severity.ERROR, "the {what} `{name}` is declared twice"
)
DUPLICATE_CONSTANT = Rule(
    "JCC214", "duplicate-constant", Severity.ERROR, "`{name}` is set twice in `{section}:`"
)
DUPLICATE_DEFINITION = Rule(
    "JCC215", "duplicate-definition", Severity.ERROR, "`{name}` is defined twice"
)
OBJECT_NOT_HERE = Rule(
    "JCC216", "object-not-here", Severity.ERROR, "`{name}` cannot be read in {place}"
)
READ_ONLY = Rule("JCC217", "read-only", Severity.ERROR, "`{name}` cannot be changed in {place}")
BARE_NAME = Rule("JCC218", "bare-name", Severity.ERROR, "`{name}` alone is no value")
UNKNOWN_CONFIG_KEY = Rule(
    "JCC219", "unknown-config-key", Severity.ERROR, "`config:` of {kind} has no key `{name}`"
)
UNKNOWN_INTERFACE = Rule(
    "JCC222",
    "unknown-interface",
    Severity.ERROR,
    "no action or workflow is named `{name}`, so it is no interface",
)
ELEMENT_OUTSIDE_MAP = Rule(
    "JCC223", "element-outside-map", Severity.WARNING, "`e.{name}` is set in {where} alone"
)
UNSET_IN_MAP = Rule(
    "JCC224", "unset-in-map", Severity.WARNING, "nothing before this sets `{name}` in {place}"
)
UNDECLARED_OUTPUT = Rule(
    "JCC225", "undeclared-output", Severity.WARNING, "`out:` does not declare `{name}`"
)
OUTPUT_NOT_MADE = Rule(
    "JCC226", "output-not-made", Severity.ERROR, "nothing makes the output `{name}`"
)
SET_TWICE = Rule("JCC227", "set-twice", Severity.WARNING, "`{name}` is set again below, unread")
DUPLICATE_DESTINATION = Rule(
    "JCC228", "duplicate-destination", Severity.WARNING, "`{name}` is listed twice"
)
DESTINATION_DIFFERS = Rule(
    "JCC229",
    "destination-differs",
    Severity.ERROR,
    "`{name}` does not fit the interface `{interface}`: {why}",
)
COPY_WITHOUT_SOURCE = Rule(
    "JCC230",
    "copy-without-source",
    Severity.ERROR,
    "`<{name}>` has nothing to copy from in {place}",
)
DUPLICATE_KEY = Rule(
    "JCC231", "duplicate-key", Severity.WARNING, "the key `{name}` stands twice in this object"
)
UNKNOWN_DESTINATION = Rule(
    "JCC232", "unknown-destination", Severity.ERROR, "`{name}` is none of the destinations"
)
OUTPUT_NAMED_ERROR = Rule(
    "JCC233",
    "output-named-error",
    Severity.WARNING,
    "an output named `error` says that {what} has failed",
)
BROKEN_SCHEMA = Rule(
    "JCC234", "broken-schema", Severity.ERROR, "the schema of the type `{name}` is no JSON: {why}"
)
