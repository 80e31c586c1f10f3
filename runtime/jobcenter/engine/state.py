"""What goes into the engine and what comes out: a job's row, and the outcome of the steps that it took.

Both are JSON at the edge (`Job.from_json`, `Outcome.to_json`); the fields are described in ARCHITECTURE.md, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jobcenter.artifact import Json

Object: TypeAlias = dict[str, Any]  # the object of artifact.Json
LogEntry: TypeAlias = dict[str, Any]

# The states of a job that the engine reads or gives; the others are the database's alone.
DONE = "done"
PLOTTING = "plotting"
READY = "ready"
CHILDWAIT = "childwait"
EVENTWAIT = "eventwait"
LOCKWAIT = "lockwait"
SLEEPING = "sleeping"
RETRYWAIT = "retrywait"
FINISHED = "finished"
ERROR = "error"

# The lists of an answer that stand beside `jobs`: what needs more rows than the job's own.
EFFECTS = (
    "children",
    "procedures",
    "locks",
    "unlocks",
    "subscriptions",
    "unsubscriptions",
    "events",
    "event_waits",
)


@dataclass(slots=True)
class Job:
    """A job's row. `out` is what woke it: None for a job that is new, else the answer that its task waited for. `aborted`: an abort came
    while the job was on its way, and this error is what it is to be told."""

    job: int
    workflow: int
    task: int
    state: str
    args: Object
    env: Object
    vars: Object
    in_: Json = None
    out: Json = None
    steps: int = 0
    depth: int = 0
    tries: int = 0
    aborted: Object | None = None

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Job:
        return cls(
            row["job"],
            row["workflow"],
            row["task"],
            row["state"],
            row["args"],
            row["env"],
            row["vars"],
            row["in"],
            row["out"],
            row["steps"],
            row["depth"],
            row["tries"],
            _abort_error(row.get("aborted")),
        )


def _abort_error(aborted: Json) -> Object | None:
    """From a row: true is the usual error."""
    if aborted is True:
        return {"class": "abort", "msg": "the job was aborted"}
    return aborted if isinstance(aborted, dict) else None


@dataclass(slots=True)
class Outcome:
    """What has become of a job. `vars` and `env` are None where they have not changed; `env` holds the job's own
    part of the environment. `aborted`: an abort came, and has not been told to the job yet; `checked`: the database is to check the outputs. `effects` has entries for the lists of EFFECTS, without the job's number."""

    job: int
    task: int
    state: str
    steps: int
    log: list[LogEntry]
    vars: Object | None = None
    env: Object | None = None
    in_: Json = None
    out: Json = None
    callee: str | None = None
    timeout: float | str | None = None
    aborted: bool = False
    checked: bool = False
    effects: list[tuple[str, Object]] = field(default_factory=list)

    def to_json(self) -> Object:
        """The entry for the answer's list `jobs`: what is None is left out."""
        entry: Object = {
            "job": self.job,
            "task": self.task,
            "state": self.state,
            "steps": self.steps,
            "log": self.log,
        }
        if self.vars is not None:
            entry["vars"] = self.vars
        if self.env is not None:
            entry["env"] = self.env
        if self.in_ is not None:
            entry["in"] = self.in_
        if self.out is not None:
            entry["out"] = self.out
        if self.callee is not None:
            entry["callee"] = self.callee
        if self.timeout is not None:
            entry["timeout"] = self.timeout
        if self.aborted:
            entry["aborted"] = True
        if self.checked:
            entry["checked"] = True
        return entry
