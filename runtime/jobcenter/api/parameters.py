"""What the parameters of a method must be. Each function gives the value, or raises a `Complaint` for the peer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jobcenter.api.rpc import Params
from jobcenter.storable import unstorable

MASTER: Final = "apimeister"  # may look at the API itself, and at what concerns all
WAITED_FOR: Final = 100_000  # jobs and channels that one peer is to be told of
DIGITS: Final = 19  # of the greatest number that the database has


class Complaint(Exception):
    """An error of a call. `data` is for programs."""

    def __init__(self, message: str, data: Params | None = None) -> None:
        super().__init__(f"Method threw error: {message}\n")
        self.data = data


def text(params: Mapping[str, Any], name: str, complaint: str) -> str:
    """Not empty. A number is taken as its text: in other languages the two are one."""
    value = params.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value:
        value = str(value)
    if not isinstance(value, str) or not value:
        raise Complaint(complaint)
    return storable(value, name)


def storable(value: str, name: str) -> str:
    """The database takes no NUL and no half surrogate pair."""
    if wrong := unstorable(value, f"`{name}`"):
        raise Complaint(wrong)
    return value


def is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= DIGITS


def number(params: Mapping[str, Any]) -> int:
    """The number of a job, which need not exist."""
    job_id = params.get("job_id")
    if not job_id:
        raise Complaint("no job_id?")
    if not is_number(str(job_id)):
        raise Complaint(f"invalid {str(job_id)[:100]}")
    return int(job_id)


def seconds(value: object) -> float:
    """0 for what is no number."""
    try:
        given = float(value) if isinstance(value, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return min(given, 1e9)


def slots(value: object) -> int:
    given = str(value)
    if not (is_number(given) and 0 < int(given) < 1_000_000):
        raise Complaint("slots should be a positive number")
    return int(given)


def worker_name(who: str, name: str) -> str:
    """A worker's name in the database: nobody can take the name of somebody else's worker."""
    return f"{who}:{name}"
