"""What this package raises, and how a refusal of the database becomes one of it. Knows SQLSTATEs, not psycopg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class JobCenterError(Exception):
    """The base of all errors below; catch it to catch them all."""


class UsageError(JobCenterError):
    """What was asked for cannot be understood: JSON that is none, a worker that is not where it was said to be."""


class NoDatabase(JobCenterError):
    """The database cannot be reached, or went away during the call: what was asked may or may not have been done."""


class Refused(JobCenterError):
    """The database said no; the message is its own. The subclasses name the common reasons."""


class UnknownWorkflow(Refused):
    """No workflow of that name is deployed."""


class UnknownAction(Refused):
    """No action of that name is deployed."""


class UnknownJob(Refused):
    """There is no job of that number."""


class Disabled(Refused):
    """The workflow or action is there, but switched off for now."""


class InvalidArguments(Refused):
    """An argument is missing, not known, not of the declared type, or no value that the database can hold."""


class PermissionDenied(Refused):
    """The role may not do this, or may not act for the one it named."""


class Unavailable(Refused):
    """The database answers but cannot do it now: read only, disk full, out of connections, a lock that is not to be had.
    Nothing has been done; the same may succeed later."""


class JobTimeout(JobCenterError, TimeoutError):
    """The job had not ended in the time given. It goes on: ask again with `Job.result`."""

    def __init__(self, job_id: int, timeout: float) -> None:
        super().__init__(f"job {job_id} has not ended within {timeout:g} s")
        self.job_id = job_id


class JobError(JobCenterError):
    """A job ended with an error. `error` is the whole error object, `error_class` and `msg` its usual parts."""

    def __init__(self, error: object, job_id: int) -> None:
        self.error: Mapping[str, Any] = error if isinstance(error, dict) else {"msg": error}
        self.error_class = str(self.error.get("class", "normal"))
        self.msg = str(self.error.get("msg", "the job failed"))
        self.job_id = job_id
        super().__init__(f"job {job_id}: {self.msg} ({self.error_class})")


class SoftError(Exception):
    """For an action to raise: it failed for now. The task is tried again where the action allows it (`retryable`)."""


REFUSALS: Mapping[str, type[Refused]] = {
    "JC001": UnknownWorkflow,
    "JC002": UnknownAction,
    "JC003": UnknownJob,
    "JC004": InvalidArguments,
    "JC005": Disabled,
    "42501": PermissionDenied,
    "25006": Unavailable,  # read only
}
# SQLSTATE classes: deadlock and the like, resources (a full disk first of all), locks, an operator's doing, the system.
UNAVAILABLE = ("40", "53", "55", "57", "58")
DATA = "22"  # a value that cannot be: JSON that says NUL, a number out of range


def refusal(sqlstate: str | None, message: str) -> Refused:
    """The exception for a refusal: by its SQLSTATE. `message` is the database's first line."""
    state = sqlstate or ""
    kind = Refused
    if state.startswith(UNAVAILABLE):
        kind = Unavailable
    elif state.startswith(DATA):
        kind = InvalidArguments
    return REFUSALS.get(state, kind)(message)
