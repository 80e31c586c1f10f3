"""Family 6xx: what is wrong in code blocks. 60x any block, 61x Python, 65x Perl."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

BLOCK_TAG = Rule(
    "JCC601",
    "block-language",
    Severity.WARNING,
    "`{tag}` is not a language of code blocks: the block is read as {language}",
)
BLOCK_SYNTAX = Rule("JCC602", "block-syntax", Severity.ERROR, "{problem}")
BLOCK_READ_ONLY = Rule(
    "JCC603", "block-read-only", Severity.ERROR, "`{letter}` cannot be changed in {place}"
)
BLOCK_OBJECT = Rule("JCC604", "block-object", Severity.ERROR, "there is no `{letter}` in {place}")
BLOCK_VALUE = Rule(
    "JCC605", "block-without-value", Severity.ERROR, "the block must end with an expression"
)
BLOCK_LIMIT = Rule("JCC606", "block-limit", Severity.ERROR, "the block is {problem}")
BLOCK_ARGUMENTS = Rule(
    "JCC607", "block-arguments", Severity.ERROR, "`{name}` does not take {count} arguments"
)

PYTHON_CONSTRUCT = Rule(
    "JCC610", "python-construct", Severity.ERROR, "{construct} is not allowed in a code block"
)
PYTHON_PRIVATE = Rule(
    "JCC611", "python-private-name", Severity.ERROR, "`{name}`: a name may not begin with `_`"
)
PYTHON_NAME = Rule(
    "JCC612", "python-unknown-name", Severity.ERROR, "no name `{name}` in a code block"
)
PYTHON_METHOD = Rule(
    "JCC613", "python-unknown-method", Severity.ERROR, "no method `{name}` in a code block"
)
PYTHON_REBOUND = Rule(
    "JCC614",
    "python-rebound-object",
    Severity.ERROR,
    "`{letter}` cannot be replaced, only changed",
)
PYTHON_RESERVED = Rule(
    "JCC615", "python-reserved-name", Severity.ERROR, "`{name}` is a name of the runtime"
)
PYTHON_UNUSED = Rule(
    "JCC616", "python-unused-variable", Severity.WARNING, "`{name}` is set here and never used"
)

PERL_SUBSET = Rule(
    "JCC650",
    "perl-outside-subset",
    Severity.ERROR,
    "{construct} is outside the Perl that code blocks understand",
)
PERL_UNDECLARED = Rule(
    "JCC651", "perl-undeclared-variable", Severity.ERROR, "`{name}` is not declared"
)
PERL_SIGIL = Rule(
    "JCC652", "perl-missing-sigil", Severity.WARNING, "`{text}` lacks its sigil: read as `{meant}`"
)
PERL_ARROW = Rule(
    "JCC653", "perl-arrow-on-object", Severity.WARNING, "`{text}` is read as `{meant}`"
)
PERL_PATTERN = Rule(
    "JCC654", "perl-pattern", Severity.ERROR, "the pattern cannot be read: {problem}"
)
PERL_FUNCTION = Rule("JCC655", "perl-unknown-function", Severity.ERROR, "no function `{name}`")
PERL_STRING_COMPARED = Rule(
    "JCC656",
    "perl-number-comparison",
    Severity.WARNING,
    "`{operator}` compares numbers, and {text} is a string",
)
