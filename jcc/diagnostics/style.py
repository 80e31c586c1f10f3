"""Family 8xx: style. Nothing here changes what a workflow does."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

FILE_NAME = Rule(
    "JCC801", "file-name", Severity.HINT, "`{name}` is looked for in `{expected}`, not in `{file}`"
)
SEMICOLON = Rule("JCC802", "semicolon", Severity.HINT, "a `;` at the end of a line means nothing")
UNUSED_VARIABLE = Rule("JCC803", "unused-variable", Severity.HINT, "nothing reads `v.{name}`")
UNUSED_INPUT = Rule("JCC804", "unused-input", Severity.HINT, "nothing reads the input `{name}`")
UNUSED_TEMPORARY = Rule(
    "JCC805", "unused-temporary", Severity.WARNING, "nothing in this map reads `t.{name}`"
)
LAST_RETURN = Rule("JCC806", "last-return", Severity.HINT, "the workflow ends here anyway")
COMPARED_WITH_BOOLEAN = Rule(
    "JCC807", "compared-with-boolean", Severity.HINT, "comparing with `{value}` is not needed"
)
DOUBLE_NEGATION = Rule(
    "JCC808", "double-negation", Severity.HINT, "two negations cancel each other"
)
ASSIGNED_TO_ITSELF = Rule(
    "JCC809", "assigned-to-itself", Severity.WARNING, "`{name}` is assigned to itself"
)
GOTO_NEXT = Rule("JCC810", "goto-next", Severity.HINT, "`goto {name}` leads to the next line")
DUPLICATE_ROLE = Rule(
    "JCC811", "duplicate-role", Severity.HINT, "the role `{name}` is listed twice"
)
