"""The kinds of tasks that wait for locks, events, time; and what all that wait have in common. Calls are in `calls`.

`begin_…` says what the job waits for, `complete_…` takes the answer. Tasks that only have an effect on the database
(unlock, raise_event, …) wait as well, in state `done`: `apply_results` carries the effect out and gives its result, or
its failure, as the answer.
"""

from __future__ import annotations

from jobcenter.artifact import Json
from jobcenter.engine import state
from jobcenter.engine.failure import NORMAL, TYPE, TaskError
from jobcenter.engine.linked import LinkedTask
from jobcenter.engine.signature import type_name
from jobcenter.engine.state import LogEntry, Object
from jobcenter.engine.work import Work
from jobcenter.sandbox import run as call_code

LONGEST_NAME = 2000  # bytes of a lock's value or an event's name: they are found by an index
LONGEST = 1e10  # seconds, some 300 years: what Postgres can add to a date with room to spare


def complete_plain(work: Work, task: LinkedTask, out: Json) -> LinkedTask:
    """For the kinds whose answer says only that it is over."""
    return work.go(entry_of(work, task, out), task.next)


def complete_with_outputs(work: Work, task: LinkedTask, out: Json) -> LinkedTask:
    """For the kinds with an output map: calls and wait_for_event."""
    entry = entry_of(work, task, out)
    if task.code.outputs is not None:
        changed = work.change(task.code.outputs, out if isinstance(out, dict) else {})
        if changed:
            entry["vars"] = changed
    return work.go(entry, task.next)


# -- start --------------------------------------------------------------------------------------------------------


def begin_start(work: Work, task: LinkedTask) -> LinkedTask | None:
    return complete_start(work, task, None)


def complete_start(work: Work, task: LinkedTask, out: Json) -> LinkedTask | None:
    """The declared locks are taken one after the other: `in` says which one has just been waited for."""
    number = 0 if out is None else as_object(work.job.in_).get("lock", -1) + 1
    declared = [(lock.type, lock.value) for lock in work.program.locks if lock.value is not None]
    if number >= len(declared):
        return work.go({"task": task.id}, task.next)
    lock_type, wanted = declared[number]
    _take_lock(
        work, task, lock_type, call_code(wanted, work.a, work.e, work.v), in_={"lock": number}
    )
    return None


# -- time ---------------------------------------------------------------------------------------------------------


def begin_sleep(work: Work, task: LinkedTask) -> None:
    wanted = work.value(task.code)
    if task.code.inputs is not None:
        wanted = work.inputs(task.code.inputs).get("timeout")
    work.wait(task, state.SLEEPING, timeout=_duration(wanted, "sleep"))


def _duration(wanted: Json, what: str) -> float | str:
    """Seconds, or the text of an interval, which the database will read."""
    if isinstance(wanted, str):
        try:
            wanted = float(wanted)
        except ValueError:
            return wanted
    if wanted is None or isinstance(wanted, bool | list | dict):
        raise TaskError(TYPE, f"{what} needs a duration, not {type_name(wanted)}")
    if not 0 <= wanted <= LONGEST:
        raise TaskError(NORMAL, f"{what} cannot take {wanted:g} seconds")
    return wanted


# -- locks --------------------------------------------------------------------------------------------------------


def begin_lock(work: Work, task: LinkedTask) -> None:
    _take_lock(work, task, task.lock_type, work.value(task.code))


def begin_wait_for_lock(work: Work, task: LinkedTask) -> None:
    inputs = work.inputs(task.code.inputs)
    wanted, wait = inputs.get("value"), inputs.get("wait", "yes")
    if wait in ("no", False):
        _take_lock(work, task, task.lock_type, wanted, now_or_never=True)
    elif wait in ("yes", True, None):
        _take_lock(work, task, task.lock_type, wanted)
    else:
        patience = _duration(wait, "wait_for_lock")
        _take_lock(work, task, task.lock_type, wanted, timeout=patience)


def begin_unlock(work: Work, task: LinkedTask) -> None:
    lock = {"type": task.lock_type, "value": lock_value(work.value(task.code))}
    work.wait(task, state.DONE, in_=lock, effects=[("unlocks", lock)])


def _take_lock(
    work: Work,
    task: LinkedTask,
    lock_type: str | None,
    wanted: Json,
    *,
    in_: Object | None = None,
    timeout: float | str | None = None,
    now_or_never: bool = False,
) -> None:
    inherit = any(lock.inherit for lock in work.program.locks if lock.type == lock_type)
    lock: Object = {"type": lock_type, "value": lock_value(wanted), "inherit": inherit}
    if now_or_never:
        lock["try"] = True
    # One that is no duration is refused before the job is in the lock's queue.
    effects = [("locks", lock if timeout is None else {**lock, "timeout": timeout})]
    work.wait(task, state.LOCKWAIT, in_=in_ or lock, timeout=timeout, effects=effects)


def lock_value(wanted: Json) -> str:
    """A lock is named by a text; a number counts as the text that joining it to a string gives."""
    match wanted:
        case str():
            return _short(wanted, "a lock's value")
        case bool():
            return "true" if wanted else "false"
        case int():
            return str(wanted)
        case float():
            return format(wanted, ".15g")
        case _:
            raise TaskError(TYPE, f"a lock's value must be a string, not {type_name(wanted)}")


# -- events -------------------------------------------------------------------------------------------------------


def begin_subscribe(work: Work, task: LinkedTask) -> None:
    inputs = work.inputs(task.code.inputs)
    mask = inputs.get("mask", {})
    if not isinstance(mask, dict):
        raise TaskError(TYPE, f"subscribe needs an object as mask, not {type_name(mask)}")
    subscription = {"name": _event_name(inputs.get("name"), "subscribe"), "mask": mask}
    work.wait(task, state.DONE, in_=subscription, effects=[("subscriptions", subscription)])


def begin_unsubscribe(work: Work, task: LinkedTask) -> None:
    inputs = work.inputs(task.code.inputs)
    subscription = {"name": _event_name(inputs.get("name"), "unsubscribe")}
    work.wait(task, state.DONE, in_=subscription, effects=[("unsubscriptions", subscription)])


def begin_raise_event(work: Work, task: LinkedTask) -> None:
    event = work.inputs(task.code.inputs).get("event")
    if not isinstance(event, dict):
        raise TaskError(TYPE, f"raise_event needs an object as event, not {type_name(event)}")
    work.wait(task, state.DONE, in_={"event": event}, effects=[("events", {"event": event})])


def begin_wait_for_event(work: Work, task: LinkedTask) -> None:
    inputs = work.inputs(task.code.inputs)
    events, timeout = inputs.get("events"), inputs.get("timeout")
    names = [_event_name(name, "wait_for_event") for name in _list(events)]
    work.wait(
        task,
        state.EVENTWAIT,
        in_={**inputs, "events": names},
        timeout=None if timeout is None else _duration(timeout, "wait_for_event"),
        effects=[("event_waits", {"names": names, "forever": timeout is None})],
    )


def _event_name(name: Json, what: str) -> str:
    if not isinstance(name, str):
        raise TaskError(TYPE, f"{what} needs a string as name, not {type_name(name)}")
    return _short(name, "an event's name")


def _short(name: str, what: str) -> str:
    length = len(name.encode(errors="surrogatepass"))
    if length > LONGEST_NAME:
        raise TaskError(NORMAL, f"{what} has {length} bytes (at most {LONGEST_NAME})")
    return name


# -- shared -------------------------------------------------------------------------------------------------------


def entry_of(work: Work, task: LinkedTask, out: Json) -> LogEntry:
    """The log entry of a task that has been waited for."""
    entry: LogEntry = {"task": task.id}
    if work.job.in_ is not None:
        entry["in"] = work.job.in_
    if out is not None and out != {}:
        entry["out"] = out
    return entry


def as_object(item: Json) -> Object:
    """The object, or an empty one for what is none."""
    return item if isinstance(item, dict) else {}


def _list(item: Json) -> list[Json]:
    """An array as it is, null as the empty one, anything else as its only entry."""
    if item is None:
        return []
    return item if isinstance(item, list) else [item]
