"""The two ways in which code of a workflow ends badly: an error of its job, or a refusal to compile it."""

from __future__ import annotations

from typing import TypeAlias

from jobcenter.artifact import Json

# A line of the generated Python, from 1, and what is wrong there.
Finding: TypeAlias = tuple[int, str]


class JclError(Exception):
    """An error of one job. `error_class` is what a `catch` sees as `class`: normal, fatal, type, sandbox, …;
    `line` is the line of the generated Python it came from, where that is known."""

    def __init__(self, error_class: str, msg: str, line: int | None = None) -> None:
        super().__init__(msg)
        self.error_class = error_class
        self.msg = msg
        self.line = line

    def to_json(self) -> dict[str, Json]:
        """The error as a job has it in `e._error` and in its output."""
        return {"msg": self.msg, "class": self.error_class}


class SandboxRejected(Exception):
    """The policy refuses a module. `findings` are all its reasons, in the order of the lines."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"line {line}: {message}" for line, message in findings))
        self.findings = findings


def type_error(msg: str) -> JclError:
    """A value of a wrong type."""
    return JclError("type", msg)


def normal_error(msg: str) -> JclError:
    """A value of the right type that does not do: a division by zero, a text that is no JSON."""
    return JclError("normal", msg)


def sandbox_error(msg: str) -> JclError:
    """A limit of the sandbox."""
    return JclError("sandbox", msg)
