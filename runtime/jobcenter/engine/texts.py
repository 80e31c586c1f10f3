"""The texts between database, Maestro and executor: a batch of rows in, results out. Says nothing of what a job does.

A batch is a JSON array with a row a line, as `claim_jobs` writes it: so that it can be divided without being read.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from jobcenter.engine.state import Object, Outcome

Row: TypeAlias = Mapping[str, Any]

# What reading or writing JSON raises for a value that Python or Postgres cannot hold.
UNFIT: Final = (ValueError, TypeError, RecursionError, MemoryError)

_FIRST: Final = re.compile(r'\{"job":(\d+),"workflow":(\d+),"task":(\d+),')
_STEPS: Final = re.compile(r'"steps":(\d+),"depth":')


@dataclass(frozen=True, slots=True)
class Results:
    """The two parameters of `apply_results`; `effects` is empty where there are none. `tally` is for whoever watches, and empty
    where nobody does. `slow`: the workflows (numbers, with commas between them) a step of which took long; for the executor."""

    jobs: str
    effects: str
    tally: str = ""
    slow: str = ""


def split_batch(batch: str) -> list[str]:
    """The rows of a batch, as texts (JSON strings hold no line end)."""
    return batch.removeprefix("[").removesuffix("]").split(",\n")


def join_batch(rows: Iterable[str]) -> str:
    return "[" + ",\n".join(rows) + "]"


def read_batch(batch: str) -> list[Row]:
    """The rows. One that Python cannot read (a number of thousands of digits, a nesting of thousands) is its head."""
    try:
        rows: list[Row] = json.loads(batch)
    except UNFIT:
        return [_read_row(row) for row in split_batch(batch)]
    return rows


def _read_row(row: str) -> Row:
    try:
        read: Row = json.loads(row)
    except UNFIT:
        return row_head(row)
    return read


def row_head(row: str) -> Row:
    """What identifies a job and where it stands, out of the text of its row; the rest is not looked at. Raises
    ValueError for what is no row."""
    first, steps = _FIRST.match(row), _STEPS.findall(row)
    if first is None or not steps:
        raise ValueError("not a row of claim_jobs")
    job, workflow, task = (int(number) for number in first.groups())
    # The last one is the row's own: what users wrote stands before it.
    return {"job": job, "workflow": workflow, "task": task, "steps": int(steps[-1])}


def write_outcomes(outcomes: Iterable[Outcome]) -> Results:
    """The outcomes as text. Raises one of UNFIT where a value cannot be stored."""
    jobs: list[Object] = []
    effects: defaultdict[str, list[Object]] = defaultdict(list)
    for outcome in outcomes:
        jobs.append(outcome.to_json())
        for name, effect in outcome.effects:
            effects[name].append({"job": outcome.job, **effect})
    return Results(_dump(jobs), _dump(effects) if effects else "")


def join_results(parts: Sequence[Results]) -> Results:
    """Results that are to be applied at once. What each has for whoever watches is not in it."""
    if len(parts) == 1:
        return parts[0]
    jobs = [part.jobs.removeprefix("[").removesuffix("]") for part in parts]
    effects: defaultdict[str, list[Object]] = defaultdict(list)
    for part in parts:
        for name, entries in json.loads(part.effects or "{}").items():
            effects[name] += entries
    return Results("[" + ",".join(filter(None, jobs)) + "]", _dump(effects) if effects else "")


def _dump(value: object) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text:
        raise ValueError("Postgres stores no NUL")
    text.encode()  # half a surrogate pair raises UnicodeEncodeError, a ValueError
    return text
