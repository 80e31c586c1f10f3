"""Rules about comments to the compiler: family 89x."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

UNUSED_SUPPRESSION = Rule(
    "JCC890",
    "unused-suppression",
    Severity.WARNING,
    "`{code}` is not found here, so nothing is ignored",
)
UNKNOWN_SUPPRESSION = Rule(
    "JCC891", "unknown-suppression", Severity.WARNING, "no diagnostic is named `{code}`"
)
EMPTY_SUPPRESSION = Rule(
    "JCC892",
    "empty-suppression",
    Severity.WARNING,
    "the comment does not say which diagnostics to ignore",
)
