"""Family 4xx: the order of steps. 401 to 404 paths, 405 to 409 loops and limits, 410 on: statements in the wrong place."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

UNREACHABLE = Rule("JCC401", "unreachable-code", Severity.WARNING, "no path comes here")
READ_BEFORE_SET = Rule(
    "JCC402", "read-before-set", Severity.WARNING, "no path has set `v.{name}` here"
)
UNUSED_LABEL = Rule(
    "JCC403", "unused-label", Severity.WARNING, "no `goto` names the label `{name}`"
)
OUTPUT_MAY_BE_MISSING = Rule(
    "JCC404",
    "output-may-be-missing",
    Severity.WARNING,
    "`v.{name}` is not set on every path to the end",
)
ENDLESS_LOOP = Rule("JCC405", "endless-loop", Severity.WARNING, "this loop can never end")
CONDITION_NEVER_CHANGES = Rule(
    "JCC406",
    "condition-never-changes",
    Severity.WARNING,
    "nothing in the loop changes its condition",
)
STEP_BUDGET = Rule(
    "JCC407",
    "step-budget",
    Severity.ERROR,
    "every path takes {steps} steps or more, and `max_steps` is {limit}",
)
ENDLESS_RECURSION = Rule(
    "JCC408", "endless-recursion", Severity.ERROR, "every path calls `{name}` again"
)
RUNS_ONCE = Rule(
    "JCC409", "runs-once", Severity.WARNING, "the body of this loop never runs a second time"
)
MISSING_BODY = Rule("JCC410", "missing-do", Severity.ERROR, "the workflow has no `do:`")
CATCH_NEVER_RUNS = Rule(
    "JCC411", "catch-never-runs", Severity.WARNING, "nothing in the `try` can fail"
)
CALL_DEPTH = Rule(
    "JCC412",
    "call-depth",
    Severity.ERROR,
    "every path calls `{name}`, which leads deeper than `max_depth` allows",
)
DUPLICATE_CASE = Rule(
    "JCC413", "duplicate-case", Severity.WARNING, "`{label}` stands in an earlier `when` already"
)
DUPLICATE_CONDITION = Rule(
    "JCC414", "duplicate-condition", Severity.WARNING, "the same condition was tested above"
)
