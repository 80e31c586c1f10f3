"""Rules of family 1xx: what stands in the text does not fit the language. Tokens 10x, layout 11x, lines 12x,
the order of lines 13x and 14x."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

_ERROR = Severity.ERROR

# -- tokens ---------------------------------------------------------------------------------------------------------

UNTERMINATED_STRING = Rule(
    "JCC101", "unterminated-string", _ERROR, "the string is not closed with {quote} in its line"
)
UNTERMINATED_CODE = Rule(
    "JCC102", "unterminated-code", _ERROR, "the code block is not closed with `{closer}`"
)
UNTERMINATED_COMMENT = Rule(
    "JCC103", "unterminated-comment", _ERROR, "the block comment is not closed with `{closer}`"
)
UNTERMINATED_REGEX = Rule(
    "JCC104",
    "unterminated-regex",
    _ERROR,
    "the regular expression is not closed with `/` in its line",
)
BAD_NUMBER = Rule("JCC105", "bad-number", _ERROR, "`{text}` is not a number")
BAD_CHARACTER = Rule("JCC106", "bad-character", _ERROR, "{text} means nothing here")
UNQUOTED_NAME = Rule("JCC107", "unquoted-name", _ERROR, "the name `{text}` must be quoted")

# -- layout ---------------------------------------------------------------------------------------------------------

MIXED_INDENTATION = Rule(
    "JCC110",
    "mixed-indentation",
    Severity.WARNING,
    "this line is indented with {found}, the block it stands in with {expected}",
)
UNEXPECTED_INDENT = Rule(
    "JCC111", "unexpected-indent", _ERROR, "this line is indented deeper than its block"
)
INCONSISTENT_DEDENT = Rule(
    "JCC112",
    "inconsistent-dedent",
    _ERROR,
    "this line's indentation fits none of the blocks around it",
)
UNCLOSED_BRACKET = Rule("JCC113", "unclosed-bracket", _ERROR, "`{bracket}` is not closed")
UNOPENED_BRACKET = Rule("JCC114", "unopened-bracket", _ERROR, "`{bracket}` closes nothing")

# -- lines ----------------------------------------------------------------------------------------------------------

UNEXPECTED = Rule("JCC120", "unexpected", _ERROR, "expected {expected}, found {found}")
MISSING_COLON = Rule("JCC121", "missing-colon", _ERROR, "a `:` is missing at the end of the line")
STRAY_TEXT = Rule(
    "JCC122", "stray-text", _ERROR, "nothing more may stand in this line, found {found}"
)
SEVERAL_IN_LINE = Rule(
    "JCC123", "several-in-line", _ERROR, "only one assignment or declaration may stand in a line"
)
ASSIGNMENT_IN_CONDITION = Rule(
    "JCC124",
    "assignment-in-condition",
    _ERROR,
    "`{operator}` assigns and cannot stand in an expression",
)
CHAINED_COMPARISON = Rule(
    "JCC125",
    "chained-comparison",
    _ERROR,
    "comparisons cannot be chained: `{operator}` follows another one",
)
NOT_A_LITERAL = Rule("JCC126", "not-a-literal", _ERROR, "{what} must be a literal value")
MISSING_NAME = Rule("JCC127", "missing-name", _ERROR, "`{keyword}` needs a name")
EXPRESSION_TOO_DEEP = Rule(
    "JCC128", "expression-too-deep", _ERROR, "the expression is nested deeper than {limit} levels"
)
MISSING_VALUE = Rule("JCC129", "missing-value", _ERROR, "`{after}` needs a value behind it")

# -- the order of lines -----------------------------------------------------------------------------------------------

UNKNOWN_STATEMENT = Rule("JCC130", "unknown-statement", _ERROR, "`{word}` is not a statement")
UNKNOWN_SECTION = Rule("JCC131", "unknown-section", _ERROR, "`{word}` is not a section")
OUTSIDE_DEFINITION = Rule(
    "JCC132", "outside-definition", _ERROR, "this line belongs to no workflow, action or procedure"
)
EMPTY_FILE = Rule("JCC133", "empty-file", _ERROR, "the file holds no definition")
SECTION_TWICE = Rule("JCC134", "section-twice", _ERROR, "the section `{section}` stands here twice")
MISPLACED_SECTION = Rule(
    "JCC135", "misplaced-section", _ERROR, "the section `{section}` cannot stand in {kind}"
)
SECTION_BESIDE_INTERFACE = Rule(
    "JCC136", "section-beside-interface", _ERROR, "`{section}` cannot stand beside `interface`"
)
STATEMENT_OUTSIDE_DO = Rule(
    "JCC137", "statement-outside-do", _ERROR, "the statement `{word}` stands outside of `do:`"
)
SECTION_IN_BODY = Rule(
    "JCC138", "section-in-body", _ERROR, "the section `{section}` stands inside of another one"
)
MISSING_BODY = Rule("JCC139", "missing-body", _ERROR, "`{keyword}` has nothing indented below it")
UNMATCHED = Rule("JCC140", "unmatched", _ERROR, "`{word}` follows no {openers} of the same depth")
OUT_OF_ORDER = Rule("JCC141", "out-of-order", _ERROR, "`{word}` cannot come after `{after}`")
INCOMPLETE = Rule("JCC142", "incomplete", _ERROR, "`{keyword}` has no {missing}")
WRONG_DEPTH = Rule(
    "JCC143", "wrong-depth", _ERROR, "`{word}` must be indented like the `{opener}` it belongs to"
)
ASSIGNMENT_OUTSIDE_MAP = Rule(
    "JCC144", "assignment-outside-map", _ERROR, "an assignment is not a statement"
)
STATEMENT_IN_MAP = Rule(
    "JCC145", "statement-in-map", _ERROR, "the statement `{word}` cannot stand among assignments"
)
NOT_A_BRANCH = Rule(
    "JCC146", "not-a-branch", _ERROR, "`split` takes `callflow` and `map`, not `{word}`"
)
CODE_BESIDE_LINES = Rule(
    "JCC147", "code-beside-lines", _ERROR, "a code block must be the whole of its map"
)
ONLY_IN_SPLIT = Rule(
    "JCC148", "only-in-split", _ERROR, "`{word}` must stand directly in a `split:`"
)
BLOCKS_TOO_DEEP = Rule(
    "JCC149", "blocks-too-deep", _ERROR, "blocks are nested deeper than {limit} levels"
)
