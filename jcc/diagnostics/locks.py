"""Family 5xx: locks (501 to 509, 516) and events (511 to 515)."""

from __future__ import annotations

from jcc.diagnostics.core import Rule, Severity

LOCK_NOT_DECLARED = Rule(
    "JCC501", "lock-not-declared", Severity.ERROR, "`locks:` does not declare `{type}`"
)
LOCK_NOT_MANUAL = Rule(
    "JCC502", "lock-not-manual", Severity.ERROR, "`{type}` is declared without `manual`"
)
LOCK_NEVER_TAKEN = Rule(
    "JCC503", "lock-never-taken", Severity.WARNING, "no statement takes the lock `{type}`"
)
LOCK_TAKEN_TWICE = Rule(
    "JCC504", "lock-taken-twice", Severity.WARNING, "the lock `{lock}` is held already"
)
UNLOCK_NOT_HELD = Rule(
    "JCC505",
    "unlock-not-held",
    Severity.WARNING,
    "no path has taken a lock of the type `{type}` here",
)
DUPLICATE_LOCK = Rule(
    "JCC506", "duplicate-lock", Severity.WARNING, "the lock `{lock}` is declared twice"
)
LOCK_ORDER = Rule(
    "JCC507",
    "lock-order",
    Severity.WARNING,
    "`{first}` is taken before `{second}` here, and after it in `{other}`",
)
LOCK_WITHOUT_VALUE = Rule(
    "JCC508",
    "lock-without-value",
    Severity.ERROR,
    "`_` needs `manual`: the lock is taken at the start",
)
BAD_WAIT = Rule(
    "JCC509", "bad-wait", Severity.ERROR, "`wait` is 'yes', 'no' or a duration, not {given}"
)
EVENT_NOT_SUBSCRIBED = Rule(
    "JCC511", "event-not-subscribed", Severity.WARNING, "nothing subscribes to `{name}`"
)
SUBSCRIPTION_UNUSED = Rule(
    "JCC512", "subscription-unused", Severity.WARNING, "nothing waits for `{name}`"
)
UNSUBSCRIBE_UNKNOWN = Rule(
    "JCC513", "unsubscribe-unknown", Severity.WARNING, "nothing subscribes to `{name}`"
)
SUBSCRIBED_TWICE = Rule(
    "JCC514", "subscribed-twice", Severity.WARNING, "`{name}` is subscribed to already"
)
NO_EVENTS = Rule("JCC515", "no-events", Severity.WARNING, "`wait_for_event` waits for no event")
LOCK_OF_CALLER = Rule(
    "JCC516",
    "lock-of-caller",
    Severity.WARNING,
    "`{callee}` wants the lock `{type}` that is held here, and never gets it",
)
