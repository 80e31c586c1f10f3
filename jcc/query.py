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


class _Gone:
    """Stands for a value that was let go."""


_GONE = _Gone()


@dataclass(slots=True)
class _Answer(Generic[T]):
    value: T | _Gone
    used: tuple[Key, ...]
    changed_at: int  # the revision in which the value last became another one
    verified_at: int  # the revision in which it was last known to be good
    doubted: bool = False  # an input that it came from, however far away, was set after that


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
    _users: dict[Key, set[Key]] = field(default_factory=dict)
    _running: dict[Key, dict[Key, None]] = field(default_factory=dict)
    _kept: dict[Hashable, tuple[int, dict[Key, None]]] = field(default_factory=dict)

    def set_input(self, key: Key, value: object) -> None:
        """Give an input its value; nothing happens if it is the one it has."""
        old = self._inputs.get(key)
        if old is not None and old.value == value:
            return
        self.revision += 1
        self._inputs[key] = _Input(value, self.revision)
        self._doubt_users(key)

    def _doubt_users(self, key: Key) -> None:
        """What came from an input is to be looked at before it is given out again; all else is as good as it was."""
        todo = [key]
        while todo:
            for user in self._users.get(todo.pop(), ()):
                answer = self._answers[user]
                if not answer.doubted:
                    answer.doubted = True
                    todo.append(user)

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
        return self._refresh(key).changed_at if entry is None else entry.changed_at

    def ask(self, key: Key, function: Callable[[], object]) -> object:
        """The answer of the query `key`, by `function` if it must be computed."""
        self._note(key)
        self._functions.setdefault(key, function)
        answer = self._refresh(key)
        if answer.value is _GONE:
            answer = self._restore(key, answer)
        if key[0] in self._kept:
            self._keep(key)
        return answer.value

    def _refresh(self, key: Key) -> _Answer[object]:
        old = self._answers.get(key)
        if old is not None and not old.doubted:
            return old
        if key in self._running:
            raise QueryCycle(key)
        if old is not None and self._is_good(key, old):
            old.verified_at = self.revision
            old.doubted = False
            return old
        return self._compute(key, old)

    def _is_good(self, key: Key, old: _Answer[object]) -> bool:
        self._running[key] = {}  # so that a ring of dependencies is seen here too
        try:
            return all(self._changed_at(used) <= old.verified_at for used in old.used)
        finally:
            del self._running[key]

    def _compute(self, key: Key, old: _Answer[object] | None) -> _Answer[object]:
        value, used = self._run(key)
        if old is not None and old.value == value:
            value, changed_at = old.value, old.changed_at
        else:
            changed_at = self.revision
        return self._store(key, value, used, changed_at)

    def _restore(self, key: Key, old: _Answer[object]) -> _Answer[object]:
        """Compute a value anew that was let go; that it is good is known."""
        value, used = self._run(key)
        return self._store(key, value, used, old.changed_at)

    def _run(self, key: Key) -> tuple[object, dict[Key, None]]:
        if self.cancelled():
            raise Cancelled(key)
        used: dict[Key, None] = {}
        self._running[key] = used
        try:
            value = self._functions[key]()
        finally:
            del self._running[key]
        self.computed += 1
        return value, used

    def _store(
        self, key: Key, value: object, used: dict[Key, None], changed_at: int
    ) -> _Answer[object]:
        old = self._answers.get(key)
        for gone in () if old is None else old.used:
            if gone not in used:
                self._users[gone].discard(key)
        for one in used:
            self._users.setdefault(one, set()).add(key)
        answer = self._answers[key] = _Answer(value, tuple(used), changed_at, self.revision)
        if key[0] in self._kept:
            self._keep(key)
        return answer

    # -- memory

    def last(self, key: Key) -> object:
        """The answer to a query as it was, though it may not be good any more; None if there is none. For a query that can make
        its answer from the one before: it must come out the same without."""
        answer = self._answers.get(key)
        return None if answer is None or answer.value is _GONE else answer.value

    def keep(self, name: Hashable, count: int) -> None:
        """Keep no more than so many values of the query function `name`, those asked for last. One that was let go
        is computed again when somebody asks; who used it is as good as before."""
        self._kept[name] = (count, {})

    def _keep(self, key: Key) -> None:
        count, kept = self._kept[key[0]]
        kept.pop(key, None)
        kept[key] = None
        if len(kept) > count:
            oldest = next(iter(kept))
            del kept[oldest]
            self._answers[oldest].value = _GONE


def query(function: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Make `function(database, *arguments)` a memoised query. Arguments are positional and hashable: they are its key."""

    @wraps(function)
    def ask(database: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Key = (function.__qualname__, *cast("tuple[Hashable, ...]", args))
        return cast(T, database.ask(key, lambda: function(database, *args, **kwargs)))

    return ask
