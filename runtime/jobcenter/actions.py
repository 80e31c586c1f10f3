"""What a worker offers: functions by the names of actions, and how one is called with a task's arguments.

A call never raises for what the function or its arguments do wrong: that is an answer like any other.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jobcenter.errors import SoftError
from jobcenter.statements import Task
from jobcenter.storable import escaped, unstorable_json

log = logging.getLogger("jobcenter.worker")

TERSE = (
    KeyError,
    SystemExit,
)  # what these say is a key or a number, which alone tells nobody what it is

Function: TypeAlias = (
    Callable[..., Mapping[str, Any] | None] | Callable[..., Awaitable[Mapping[str, Any] | None]]
)


@dataclass(frozen=True, slots=True)
class Action:
    """A function that does an action. `names` are the inputs it takes (None: any), `required` those without default."""

    name: str
    function: Function
    slots: int
    filter: Mapping[str, Any] | None
    is_async: bool
    takes_env: bool
    names: frozenset[str] | None
    required: frozenset[str]

    @staticmethod
    def of(name: str, function: Function, slots: int, filter: Mapping[str, Any] | None) -> Action:
        """Reads the function's signature. Raises TypeError for one that cannot be called by keyword."""
        if slots < 1:
            raise ValueError(f"action `{name}` needs at least one slot")
        parameters = inspect.signature(function).parameters
        for parameter in parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(
                    f"action `{name}`: parameter `{parameter}` cannot be given by keyword"
                )
        named = {p.name: p for p in parameters.values() if p.kind is not p.VAR_KEYWORD}
        takes_env = "env" in named
        return Action(
            name=name,
            function=function,
            slots=slots,
            filter=filter,
            is_async=inspect.iscoroutinefunction(function),
            takes_env=takes_env,
            names=frozenset(named) - {"env"} if len(named) == len(parameters) else None,
            required=frozenset(
                p.name for p in named.values() if p.default is p.empty and p.name != "env"
            ),
        )

    def keywords(self, task: Task) -> dict[str, Any]:
        """The arguments of the call. Raises TypeError that names what is missing or not known."""
        given = task.arguments
        if missing := sorted(self.required - given.keys()):
            raise TypeError(
                f"the worker's `{self.name}` needs {_listed(missing)}, which the task does not give"
            )
        if self.names is not None and (unknown := sorted(given.keys() - self.names)):
            raise TypeError(f"the worker's `{self.name}` does not take {_listed(unknown)}")
        return {**given, "env": task.environment} if self.takes_env else dict(given)

    def run(self, task: Task) -> str:
        """Does the task in this thread; the answer as JSON text."""
        try:
            return self._answer(self.function(**self.keywords(task)))
        except (
            BaseException
        ) as error:  # whatever it is: without an answer, the task would never end
            return self._failure(task, error)

    async def run_async(self, task: Task) -> str:
        """Does the task of an `async def`; the answer as JSON text. Raises CancelledError where the worker itself is cancelled."""
        try:
            result = self.function(**self.keywords(task))
            assert inspect.isawaitable(result)
            return self._answer(await result)
        except BaseException as error:
            # An action may raise CancelledError too, as when something that it awaits was cancelled: that is its own failure.
            own = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and own is not None and own.cancelling():
                raise
            return self._failure(task, error)

    def _answer(self, outputs: object) -> str:
        if outputs is None:
            return "{}"
        if not isinstance(outputs, Mapping):
            raise TypeError(
                f"the worker's `{self.name}` gave a {type(outputs).__name__}, not a dict of its outputs"
            )
        try:
            answer = json.dumps(dict(outputs), allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(
                f"the outputs of the worker's `{self.name}` are no JSON: {error}"
            ) from error
        if (wrong := unstorable_json(answer, outputs, "the outputs")) is not None:
            raise ValueError(f"the outputs of the worker's `{self.name}` cannot be stored: {wrong}")
        return answer

    def _failure(self, task: Task, error: BaseException) -> str:
        """Only the message goes to the job: a traceback is for the worker's log."""
        about = {"action": self.name, "job": task.job_id}
        if isinstance(error, SoftError):
            # A message may hold a value of the job, and those are not for everybody who reads logs.
            log.info("action %s of job %d failed for now", *about.values(), extra=about)
            log.debug("the reason: %s", error, extra=about)
            return failure("soft", _message(error))
        log.error("action %s of job %d failed", *about.values(), extra=about, exc_info=error)
        return failure("normal", _message(error))


def _message(error: BaseException) -> str:
    """What the error says, as a text that the database takes; its name where it says nothing or too little, or cannot even do that."""
    name = type(error).__name__
    try:
        said = str(error)
    except Exception:
        return name
    if said and isinstance(error, TERSE):
        said = f"{name}: {said}"
    return escaped(said) or name


def failure(error_class: str, msg: str) -> str:
    """The answer that says a task failed."""
    return json.dumps({"error": {"class": error_class, "msg": msg}})


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
