"""What a finding is: a `Rule` says it, a `Diagnostic` is one saying of it at a span. No rule is defined here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from jcc.source import Span


class Severity(IntEnum):
    """Ordered by weight, so that `>=` compares with `--fail-level`."""

    HINT = 1
    INFO = 2
    WARNING = 3
    ERROR = 4


@dataclass(frozen=True, slots=True)
class Label:
    """A related place: "declared here". `path` is set where it lies in another file."""

    span: Span
    message: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that a tool may apply. `safe`: it cannot change what the workflow does, or makes it mean what was meant."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    rule: Rule
    span: Span
    message: str
    help: str | None = None
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def severity(self) -> Severity:
        return self.rule.severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding. `message` is a `str.format` template, the only place where its words are.

    `code` is `JCCnnn`, the family its first digit; `name` is kebab-case; `docs/diagnostics/CODE.md` explains it.
    """

    code: str
    name: str
    severity: Severity
    message: str

    def at(
        self,
        span: Span,
        *,
        help: str | None = None,
        labels: Sequence[Label] = (),
        fix: Fix | None = None,
        **values: object,
    ) -> Diagnostic:
        """This rule's finding at `span`; `values` fill the message's template."""
        return Diagnostic(self, span, self.message.format(**values), help, tuple(labels), fix)


def moved(finding: Diagnostic, by: int) -> Diagnostic:
    """A finding in a text that has moved, with all its places; labels with a path lie in another text, which has not."""
    labels = tuple(
        label if label.path is not None else replace(label, span=_moved(label.span, by))
        for label in finding.labels
    )
    fix = finding.fix
    if fix is not None:
        edits = tuple(Edit(_moved(edit.span, by), edit.text) for edit in fix.edits)
        fix = Fix(fix.title, edits, fix.safe)
    return Diagnostic(
        finding.rule, _moved(finding.span, by), finding.message, finding.help, labels, fix
    )


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
