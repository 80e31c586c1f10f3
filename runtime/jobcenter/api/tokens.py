"""Bearer tokens: who has one, for whom it stands and what it is good for. A file holds their hashes, never the tokens.

A line is `name:who:scope,scope:sha256`. The token is `jct_NAME_SECRET` with 256 bits of secret: a plain hash is enough for it, and cheap.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobcenter.api.auth import LineFile
from jobcenter.errors import UsageError

# Each is good for what stands before it, too.
SCOPES: Final = ("viewer", "client", "operator")
NAME: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token gives: to act for `who`, within `scope`."""

    name: str
    who: str
    scope: str

    def allows(self, scope: str) -> bool:
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class Tokens:
    def __init__(self, file: Path) -> None:
        self._file = LineFile(file)

    def grant(self, token: str) -> Grant | None:
        """None for a token that is not known. Raises OSError where the file cannot be read."""
        match token.split("_"):
            case ["jct", name, _]:
                line = self._file.lines().get(name, "").split(":")
            case _:
                return None
        if len(line) != 3 or line[1] not in SCOPES:
            return None
        who, scope, stored = line
        if not hmac.compare_digest(_hash(token), stored):
            return None
        return Grant(name, who, scope)


def new_token(name: str, who: str, scope: str, known: Collection[str] = ()) -> tuple[str, str]:
    """The token, and the line of the file. Raises UsageError for a name, or who, that a line cannot hold."""
    if not NAME.fullmatch(name):
        raise UsageError(f"`{name}` is not a name for a token: letters, digits, `.` and `-` are")
    if name in known:
        raise UsageError(f"there is a token `{name}` already")
    if not who or any(sign in who for sign in ":\n"):
        raise UsageError(f"`{who}` cannot be written into a file of tokens")
    token = f"jct_{name}_{secrets.token_hex(32)}"
    return token, f"{name}:{who}:{scope}:{_hash(token)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
