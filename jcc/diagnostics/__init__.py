"""Findings: what a rule is, all rules, and one renderer for each output format."""

from jcc.diagnostics.core import Diagnostic, Edit, Fix, Label, Rule, Severity

__all__ = ["Diagnostic", "Edit", "Fix", "Label", "Rule", "Severity"]
