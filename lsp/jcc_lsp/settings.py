"""What the user sets in the editor, below the key `jcc`. Unknown keys and wrong values are left alone: the editor shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Settings:
    """`workspace_diagnostics` (in the editor: `workspaceDiagnostics`): tell of the findings in files that are not open, too.
    `inlay_hint_types`, `inlay_hint_defaults`: show the types of variables, and the inputs that a call leaves to their defaults.
    `code_lenses`: show callers, run and graph above definitions."""

    workspace_diagnostics: bool = True
    inlay_hint_types: bool = True
    inlay_hint_defaults: bool = True
    code_lenses: bool = True


def settings_of(section: object) -> Settings:
    """The settings in a value of the client's; the defaults where it says nothing."""
    if not isinstance(section, Mapping):
        return Settings()
    given = {}
    for known in fields(Settings):
        head, *rest = known.name.split("_")
        value = section.get(head + "".join(part.capitalize() for part in rest))
        if type(value) is type(known.default):
            given[known.name] = value
    return Settings(**given)  # type: ignore[arg-type]  # each has the type of its default
