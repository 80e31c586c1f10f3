"""What a task changed: the difference of two objects that share what is below them.

Code copies what it changes below the root (`jobcenter.sandbox`), so a shallow copy is all that a task needs of `v`.
"""

from __future__ import annotations

from collections.abc import Mapping

from jobcenter.artifact import Json
from jobcenter.engine.state import Object
from jobcenter.sandbox import check_storable


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> Object:
    """The variables that differ, with their new values; null for one that is gone."""
    changed = {
        key: value
        for key, value in after.items()
        if key not in before or _differ(before[key], value)
    }
    if not before.keys() <= after.keys():
        changed.update(dict.fromkeys(before.keys() - after.keys()))
    return changed


def _differ(before: Json, after: Json) -> bool:
    # Most are the same object. Only of equal types, since Python holds True and 1, and 1 and 1.0 for equal.
    return before is not after and (type(before) is not type(after) or before != after)


def check_made(made: Mapping[str, Json]) -> None:
    """Raises JclError where what a task made is too large or too deep to be stored. A small object may be that, since
    its parts can be shared: it must be found before something walks through it. Scalars have been checked on their way."""
    if any(type(value) is dict or type(value) is list for value in made.values()):
        check_storable(dict(made))
