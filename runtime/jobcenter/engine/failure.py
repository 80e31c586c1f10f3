"""Errors of jobs: the engine's own exception, and how any exception becomes an error object `{"class", "msg", …}`."""

from __future__ import annotations

from jobcenter.artifact import Json
from jobcenter.engine.state import Object
from jobcenter.sandbox.limits import as_jcl_error

FATAL = "fatal"
NORMAL = "normal"
SOFT = "soft"
TYPE = "type"
SANDBOX = "sandbox"
ABORT = "abort"
CHILDERROR = "childerror"


class TaskError(Exception):
    """The task at hand fails with this error object."""

    def __init__(self, error_class: str, msg: str, **more: Json) -> None:
        super().__init__(msg)
        self.error: Object = {"class": error_class, "msg": msg, **more}

    @classmethod
    def of(cls, error: Object) -> TaskError:
        """Of an error object, which says anything under the names `class` and `msg`."""
        failed = cls("", "")
        failed.error = error
        return failed


def error_of(exception: Exception) -> Object:
    """The error object of whatever a task raised."""
    match exception:
        case TaskError():
            return exception.error
        case _:
            return dict(as_jcl_error(exception).to_json())


def error_in(answer: Json) -> Object | None:
    """The error that an answer carries, made whole: `{"error": …}`. None for an answer that is no error."""
    if not isinstance(answer, dict) or answer.get("error") is None:
        return None
    error = answer["error"]
    if isinstance(error, dict):
        return {"class": NORMAL, "msg": "", **error}
    return {"class": NORMAL, "msg": error if isinstance(error, str) else str(error)}
