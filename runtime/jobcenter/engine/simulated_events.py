"""The simulator's events: subscriptions with masks, and what is kept for a job that does not wait just then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobcenter.artifact import Json
from jobcenter.engine.state import Object


@dataclass(slots=True)
class _Subscription:
    mask: Object
    kept: list[Object] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Whom an event woke, with the answers, and for how many subscriptions it was."""

    woken: Mapping[int, Object]
    subscriptions: int


class Events:
    def __init__(self) -> None:
        self._subscriptions: dict[int, dict[str, _Subscription]] = {}
        self._last = 0

    def subscribe(self, job: int, name: str, mask: Object) -> None:
        own = self._subscriptions.setdefault(job, {})
        own.setdefault(name, _Subscription(mask)).mask = mask

    def unsubscribe(self, job: int, name: str) -> None:
        self._subscriptions.get(job, {}).pop(name, None)

    def leave(self, job: int) -> None:
        """The job has ended."""
        self._subscriptions.pop(job, None)

    def take(self, job: int, names: list[str], forever: bool) -> Object | None:
        """The oldest event kept under one of these names; an error where nothing could ever end the wait."""
        own = self._subscriptions.get(job, {})
        known = [name for name in names if name in own]
        if forever and not known:
            msg = "wait_for_event waits for no event"
            if names:
                msg = f'wait_for_event without a subscription "{names[0]}"'
            return {"error": {"class": "normal", "msg": msg}}
        kept = [(own[name].kept[0], name) for name in known if own[name].kept]
        if not kept:
            return None
        event, name = min(kept, key=lambda each: each[0]["event_id"])
        own[name].kept.pop(0)
        return {"event": {**event, "name": name}}

    def deliver(self, data: Object, waiting: Mapping[int, list[str]]) -> Delivered:
        """An event, for all whose mask it contains. `waiting`: the jobs that wait, and for which names."""
        self._last += 1
        event: Object = {"event_id": self._last, "data": data}
        woken: dict[int, Object] = {}
        count = 0
        for job, own in self._subscriptions.items():
            for name, subscription in own.items():
                if not contains(data, subscription.mask):
                    continue
                count += 1
                if name in waiting.get(job, ()) and job not in woken:
                    woken[job] = {"event": {**event, "name": name}}
                else:
                    subscription.kept.append(event)
        return Delivered(woken, count)


def contains(value: Json, mask: Json) -> bool:
    """As the operator `@>` of jsonb, for objects and what is in them."""
    match value, mask:
        case dict(), dict():
            return all(key in value and contains(value[key], item) for key, item in mask.items())
        case list(), list():
            return all(any(contains(each, item) for each in value) for item in mask)
        case _:
            return type(value) is type(mask) and value == mask
