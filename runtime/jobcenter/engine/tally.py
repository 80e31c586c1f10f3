"""What a batch came to, in numbers: for whoever watches. It is counted where the outcomes are, and only when it is asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from jobcenter.engine import failure
from jobcenter.engine.state import ERROR, FINISHED, READY, RETRYWAIT, Outcome
from jobcenter.engine.texts import Row

# The classes of errors that are the language's own. A workflow may raise any other: those are counted together.
CLASSES: Final = frozenset(
    {
        failure.FATAL, failure.NORMAL, failure.SOFT, failure.TYPE, failure.SANDBOX, failure.ABORT, failure.CHILDERROR,
        "lock", "timeout",
    }
)  # fmt: skip
OTHER: Final = "other"


@dataclass(slots=True)
class Tally:
    """`created`, `finished`, `failed`, `steps` are by workflow, `calls` by action, `errors` (those of steps, caught or not)
    by class; `ended` are the jobs that finished or failed."""

    created: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    ended: list[int] = field(default_factory=list)

    def add(self, workflow: str, row: Row, outcome: Outcome) -> None:
        """One job's outcome, and the row that it came from."""
        if (
            row["steps"] == 0 and row.get("out") is None
        ):  # it has not waited for a declared lock either
            self.created[workflow] += 1
        self.steps[workflow] += outcome.steps - row["steps"]
        for entry in outcome.log:
            if "error" in entry:
                self.errors[class_of(entry["error"])] += 1
        if outcome.state == READY and outcome.callee is not None:
            self.calls[outcome.callee] += 1
        elif outcome.state == RETRYWAIT:
            self.errors[failure.SOFT] += 1
        elif outcome.state in (FINISHED, ERROR):
            ends = self.finished if outcome.state == FINISHED else self.failed
            ends[workflow] += 1
            self.ended.append(outcome.job)

    def to_json(self) -> str:
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps({name: value for name, value in told.items() if value})

    @classmethod
    def from_json(cls, text: str) -> Tally:
        told: dict[str, Any] = json.loads(text)
        ended = told.pop("ended", [])
        return cls(**{name: Counter(value) for name, value in told.items()}, ended=ended)


def class_of(error: object) -> str:
    """The class of an error object, where it is one of the language's own."""
    named = error.get("class") if isinstance(error, dict) else None
    return named if isinstance(named, str) and named in CLASSES else OTHER


def tally_of(names: Mapping[int, str], rows: Iterable[Row], outcomes: Iterable[Outcome]) -> str:
    """Of a batch: `rows` and `outcomes` go in step, `names` are the workflows'. As JSON text."""
    tally = Tally()
    for row, outcome in zip(rows, outcomes, strict=False):
        tally.add(names.get(row["workflow"], OTHER), row, outcome)
    return tally.to_json()
