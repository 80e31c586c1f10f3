"""All rules, by code. A rule that is not here does not exist: `jcc explain`, the docs' test and SARIF read this."""

from __future__ import annotations

from types import ModuleType

from jcc.diagnostics import code, control, flow, habits, locks, names, style, syntax, types
from jcc.diagnostics.core import Rule

FAMILIES: tuple[ModuleType, ...] = (syntax, names, types, flow, locks, code, habits, style, control)


def _gather() -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for family in FAMILIES:
        for rule in vars(family).values():
            if not isinstance(rule, Rule):
                continue
            if rules.setdefault(rule.code, rule) is not rule:
                raise ValueError(f"two rules have the code {rule.code}")
    return dict(sorted(rules.items()))


RULES: dict[str, Rule] = _gather()


def find_rule(text: str) -> Rule | None:
    """The rule of a code (`JCC201`, in any case) or a name (`unknown-action`)."""
    return RULES.get(text.upper()) or next((r for r in RULES.values() if r.name == text), None)
