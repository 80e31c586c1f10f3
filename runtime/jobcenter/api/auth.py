"""Who a peer is: password files, TLS client certificates, and a limit to wrong guesses. Knows no sockets and no protocol.

Password files are the predecessor's: `who:hash` a line, hashes as of crypt(3) (`$1$`, `$5$`, `$6$`). New entries are argon2id. The crypt
hashes are checked by libpass, the kept-up fork of passlib, since Python 3.13 has no module `crypt` and not every libcrypt knows
all three.

A certificates file says for which names the owner of a certificate may come in: `common name:who,who`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from passlib.hash import md5_crypt, sha256_crypt, sha512_crypt

log = logging.getLogger("jobcenter.api")

CRYPT: Final = {"$1$": md5_crypt, "$5$": sha256_crypt, "$6$": sha512_crypt}
WINDOW: Final = 60.0  # seconds in which failures are counted
GUESSES: Final = (
    10  # failures of one name from one address in that time, and of one address ten times as many
)
REMEMBERED: Final = 300.0  # seconds for which a password that was right is not hashed again
REFUSED_AFTER: Final = 0.2  # seconds that every refusal takes at least


@dataclass(frozen=True, slots=True)
class Peer:
    """Where somebody comes from: the address, and the common name of a certificate that TLS has checked."""

    address: str
    common_name: str | None = None


class Method(Protocol):
    """One way to show who one is. May take its time; called in a thread."""

    def verify(self, who: str, token: str, peer: Peer) -> bool: ...


class LineFile:
    """A file of lines `key:rest`, read again when it has changed. `#` begins a line that says nothing."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._stamp: tuple[int, int] | None = None
        self._lines: Mapping[str, str] = {}

    def lines(self) -> Mapping[str, str]:
        """Raises OSError."""
        stat = self.file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp != self._stamp:
            text = self.file.read_text(encoding="utf-8")
            pairs = [line.strip().partition(":") for line in text.splitlines()]
            self._lines = {key: rest for key, _, rest in pairs if key and not key.startswith("#")}
            self._stamp = stamp
        return self._lines


class Passwords:
    """A password file. What was right a short while ago is known again without hashing: a thousand workers that come back
    at once share one password. It is remembered under a key that lives in this process alone."""

    def __init__(self, file: Path) -> None:
        self._file = LineFile(file)
        self._hasher = PasswordHasher()
        self._unknown = self._hasher.hash(secrets.token_hex())
        self._secret = secrets.token_bytes(32)
        self._right: dict[bytes, float] = {}

    def verify(self, who: str, token: str, peer: Peer) -> bool:
        stored = self._file.lines().get(who)
        if stored is None:
            # Takes as long as for one who is known.
            self._matches(token, self._unknown)
            return False
        text = "\0".join((who, token, stored)).encode("utf-8", "surrogatepass")
        mark = hmac.digest(self._secret, text, "sha256")
        now = time.monotonic()
        if self._right.get(mark, 0.0) > now:
            return True
        if not self._matches(token, stored):
            return False
        if len(self._right) > 1000:
            self._right = {key: until for key, until in self._right.items() if until > now}
        self._right[mark] = now + REMEMBERED
        return True

    def _matches(self, token: str, stored: str) -> bool:
        """Both libraries compare in constant time."""
        crypt = CRYPT.get(stored[:3])
        try:
            if crypt is not None:
                return bool(crypt.verify(token, stored))
            return stored.startswith("$argon2") and self._hasher.verify(stored, token)
        except (VerificationError, ValueError):  # no such hash, or a token that none can be of
            return False


class Certificates:
    """A certificates file. The token says nothing here."""

    def __init__(self, file: Path) -> None:
        self._file = LineFile(file)

    def verify(self, who: str, token: str, peer: Peer) -> bool:
        if peer.common_name is None:
            return False
        return who in self._file.lines().get(peer.common_name, "").split(",")


@dataclass(slots=True)
class Guesses:
    """Counts failures by key. Holds no more than those of the last WINDOW."""

    _failures: dict[tuple[str, ...], tuple[int, float]] = field(default_factory=dict)

    def too_many(self, key: tuple[str, ...], limit: int) -> bool:
        count, since = self._failures.get(key, (0, 0.0))
        return count >= limit and time.monotonic() - since < WINDOW

    def failed(self, key: tuple[str, ...]) -> None:
        now = time.monotonic()
        count, since = self._failures.pop(key, (0, now))
        if now - since >= WINDOW:
            count, since = 0, now
        self._failures[key] = (count + 1, since)
        while now - next(iter(self._failures.values()))[1] >= WINDOW:
            del self._failures[next(iter(self._failures))]


class Doorkeeper:
    """Says who may come in, by the methods there are. Shared by all listeners, so that guesses are counted once."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._guesses = Guesses()
        # Hashing is slow on purpose: it must not take all processors, nor stop the loop.
        self._pool = ThreadPoolExecutor(2, "jobcenter api login")

    async def admits(self, method: str, who: str, token: str, peer: Peer) -> bool:
        """Never raises. A refusal says nothing of its reason, and takes its time."""
        begun = time.monotonic()
        name, place = (peer.address, digest(who)), (peer.address,)
        if self._guesses.too_many(name, GUESSES) or self._guesses.too_many(place, 10 * GUESSES):
            log.warning("%s: too many wrong logins, %r is not looked at", peer.address, who)
            admitted = False
        else:
            admitted = await self._verified(method, who, token, peer)
            if not admitted:
                self._guesses.failed(name)
                self._guesses.failed(place)
                log.warning("%s: login of %r by %s refused", peer.address, who, method)
        if not admitted:
            await asyncio.sleep(max(begun + REFUSED_AFTER - time.monotonic(), 0))
        return admitted

    async def _verified(self, method: str, who: str, token: str, peer: Peer) -> bool:
        checker = self._methods.get(method)
        if checker is None:
            return False
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, checker.verify, who, token, peer)
        except (OSError, ValueError) as error:  # the file cannot be read
            log.error("login by %s is not possible: %s", method, error)
            return False


def digest(text: str) -> str:
    """Of fixed length: names of any length may be tried."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """What belongs into a password file behind `who:`."""
    return PasswordHasher().hash(password)
