"""Memoised queries over inputs that change: each answer is computed once and again only when something it used changed.

A query is a function of the database and of hashable arguments. While it runs, the inputs and queries that it asks are
noted. Its answer stays good while none of them has changed; an answer computed anew that equals the old one does not count as
a change for those who asked ("early cut-off"), so an edit in a body never re-checks the callers.

Used from one thread at a time. Between two queries a caller may cancel (`Database.cancelled`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", bound="Database")
Key = tuple[Hashable, ...]


class QueryCycle(Exception):
    """A query needs its own answer."""


class Cancelled(Exception):
    """The caller does not want the answer any more."""


@dataclass(slots=True)
class _Answer(Generic[T]):
    value: T
    used: tuple[Key, ...]
    changed_at: int  # the revision in which the value last became another one
    verified_at: int  # the revision in which it was last known to be good


@dataclass(slots=True)
class _Input:
    value: object
    changed_at: int


@dataclass(slots=True)
class Database:
    """Inputs, answers and what they depend on. `computed` counts the runs of query functions."""

    revision: int = 0
    computed: int = 0
    cancelled: Callable[[], bool] = bool
    _inputs: dict[Key, _Input] = field(default_factory=dict)
    _answers: dict[Key, _Answer[object]] = field(default_factory=dict)
    _functions: dict[Key, Callable[[], object]] = field(default_factory=dict)
    _running: dict[Key, dict[Key, None]] = field(default_factory=dict)

    def set_input(self, key: Key, value: object) -> None:
        """Give an input its value; nothing happens if it is the one it has."""
        old = self._inputs.get(key)
        if old is not None and old.value == value:
            return
        self.revision += 1
        self._inputs[key] = _Input(value, self.revision)

    def read_input(self, key: Key, default: object = None) -> object:
        """An input's value, noted as used by the query that runs."""
        entry = self._inputs.get(key)
        if entry is None:
            # What is not there may come: give it a place, so that its coming counts as a change.
            entry = self._inputs[key] = _Input(default, 0)
        self._note(key)
        return entry.value

    def _note(self, key: Key) -> None:
        if self._running:
            next(reversed(self._running.values()))[key] = None

    def _changed_at(self, key: Key) -> int:
        entry = self._inputs.get(key)
        if entry is not None:
            return entry.changed_at
        self._refresh(key)
        return self._answers[key].changed_at

    def ask(self, key: Key, function: Callable[[], object]) -> object:
        """The answer of the query `key`, by `function` if it must be computed."""
        self._note(key)
        self._functions.setdefault(key, function)
        return self._refresh(key)

    def _refresh(self, key: Key) -> object:
        old = self._answers.get(key)
        if old is not None and old.verified_at == self.revision:
            return old.value
        if key in self._running:
            raise QueryCycle(key)
        if old is not None and self._is_good(key, old):
            old.verified_at = self.revision
            return old.value
        return self._compute(key, old)

    def _is_good(self, key: Key, old: _Answer[object]) -> bool:
        self._running[key] = {}  # so that a ring of dependencies is seen here too
        try:
            return all(self._changed_at(used) <= old.verified_at for used in old.used)
        finally:
            del self._running[key]

    def _compute(self, key: Key, old: _Answer[object] | None) -> object:
        if self.cancelled():
            raise Cancelled(key)
        used: dict[Key, None] = {}
        self._running[key] = used
        try:
            value = self._functions[key]()
        finally:
            del self._running[key]
        self.computed += 1
        if old is not None and old.value == value:
            self._answers[key] = _Answer(old.value, tuple(used), old.changed_at, self.revision)
            return old.value
        self._answers[key] = _Answer(value, tuple(used), self.revision, self.revision)
        return value


def query(function: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Make `function(database, *arguments)` a memoised query. Arguments are positional and hashable: they are its key."""

    @wraps(function)
    def ask(database: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Key = (function.__qualname__, *cast("tuple[Hashable, ...]", args))
        return cast(T, database.ask(key, lambda: function(database, *args, **kwargs)))

    return ask
