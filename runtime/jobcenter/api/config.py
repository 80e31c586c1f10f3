"""The section `api` of jobcenter.toml: where to listen, who may come in. Reads the file, opens nothing.

```toml
[api]
password_file = "api.passwd"             # who:hash
certificate_file = "api.certificates"    # common name:who,who
token_file = "api.tokens"                # for HTTP, and for request_auth

[[api.listen]]
address = "127.0.0.1:6522"

[[api.listen]]
address = "0.0.0.0:6520"
auth = ["clientcert"]
tls = { certificate = "api.crt", key = "api.pem", client_ca = "ca.crt" }

[[api.http]]
address = "127.0.0.1:6580"
```
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jobcenter.settings import Settings, SettingsError

PORT, HTTP_PORT = 6522, 6580
METHODS: Final = ("password", "clientcert")


@dataclass(frozen=True, slots=True)
class Tls:
    """`client_ca` asks for certificates of clients, and says who signs them."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError is one) where the files are not to be used."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        if self.client_ca is not None:
            context.load_verify_locations(self.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@dataclass(frozen=True, slots=True)
class Listen:
    """A listener. `auth`: by which methods one may say hello there. With `request_auth`, a file of tokens, each job has to
    show one of them."""

    host: str
    port: int
    auth: tuple[str, ...] = ("password",)
    tls: Tls | None = None
    request_auth: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`connections` to the database, beside the one that listens. `grace`: seconds for a lost worker to come back with its
    answers. `stop_patience`: seconds that a stop waits for the answers to tasks in hand."""

    listen: tuple[Listen, ...] = ()
    http: tuple[Listen, ...] = ()
    password_file: Path | None = None
    certificate_file: Path | None = None
    token_file: Path | None = None
    connections: int = 4
    most_peers: int = 10_000
    grace: float = 10.0
    stop_patience: float = 30.0


def read(settings: Settings) -> Config:
    """Raises SettingsError, which names what is wrong. Without a section: one listener on loopback, by password."""
    return _Reader(settings.folder).config(settings.api)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def config(self, section: Mapping[str, Any]) -> Config:
        default = Config()
        known = {"listen", "http", *_FILES, "connections", "most_peers", "grace", "stop_patience"}
        _only(section, known, "api")
        files = {name: self._file(section, name, "api") for name in _FILES}
        config = Config(
            listen=self._listeners(section, "listen", PORT, files["token_file"]),
            http=self._listeners(section, "http", HTTP_PORT, files["token_file"]),
            **files,
            connections=int(_number(section, "connections", default.connections, 1)),
            most_peers=int(_number(section, "most_peers", default.most_peers, 1)),
            grace=_number(section, "grace", default.grace, 0),
            stop_patience=_number(section, "stop_patience", default.stop_patience, 0),
        )
        if not config.listen and not config.http:
            config = _replaced(config, self._listener({}, "api.listen", PORT, None))
        return _complete(config)

    def _listeners(
        self, section: Mapping[str, Any], name: str, port: int, tokens: Path | None
    ) -> tuple[Listen, ...]:
        tables = section.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise SettingsError(f"`api.{name}` must be a list of tables: [[api.{name}]]")
        return tuple(self._listener(table, f"api.{name}", port, tokens) for table in tables)

    def _listener(
        self, table: Mapping[str, Any], where: str, port: int, tokens: Path | None
    ) -> Listen:
        _only(table, {"address", "auth", "tls", "request_auth"}, where)
        host, port = _address(table.get("address", f"127.0.0.1:{port}"), where)
        auth = table.get("auth", ["password"])
        if not isinstance(auth, list) or not auth or not set(auth) <= set(METHODS):
            raise SettingsError(f"`{where}.auth` must be a list of {' and '.join(METHODS)}")
        asks = table.get("request_auth", False)
        if not isinstance(asks, bool):
            raise SettingsError(f"`{where}.request_auth` must be true or false")
        if asks and tokens is None:
            raise SettingsError(f"`{where}.request_auth` needs `api.token_file`")
        tls = self._tls(table["tls"], f"{where}.tls") if "tls" in table else None
        if "clientcert" in auth and (tls is None or tls.client_ca is None):
            raise SettingsError(f"`{where}.auth` by clientcert needs `tls` with a `client_ca`")
        return Listen(host, port, tuple(auth), tls, tokens if asks else None)

    def _tls(self, table: object, where: str) -> Tls:
        if not isinstance(table, dict):
            raise SettingsError(f"`{where}` must be a table")
        _only(table, {"certificate", "key", "client_ca"}, where)
        certificate, key = self._file(table, "certificate", where), self._file(table, "key", where)
        if certificate is None or key is None:
            raise SettingsError(f"`{where}` must have a `certificate` and a `key`")
        return Tls(certificate, key, self._file(table, "client_ca", where))

    def _file(self, table: Mapping[str, Any], name: str, where: str) -> Path | None:
        value = table.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise SettingsError(f"`{where}.{name}` must be the name of a file")
        file = self._folder / value
        if not file.is_file():
            raise SettingsError(f"`{where}.{name}`: there is no file {file}")
        return file


_FILES = ("password_file", "certificate_file", "token_file")


def _complete(config: Config) -> Config:
    needed = {method for listen in config.listen for method in listen.auth}
    if "password" in needed and config.password_file is None:
        raise SettingsError(
            "the API needs `password_file` in section [api] of jobcenter.toml "
            "(`jobcenter api-user FILE WHO` makes an entry)"
        )
    if "clientcert" in needed and config.certificate_file is None:
        raise SettingsError("logins by certificate need `api.certificate_file`")
    if config.http and config.token_file is None:
        raise SettingsError(
            "the HTTP face needs `api.token_file` (`jobcenter api-token` makes an entry)"
        )
    return config


def _replaced(config: Config, listen: Listen) -> Config:
    from dataclasses import replace

    return replace(config, listen=(listen,))


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = table.keys() - known
    if unknown:
        names = ", ".join(f"`{name}`" for name in sorted(known))
        raise SettingsError(f"unknown key `{where}.{min(unknown)}` (known are {names})")


def _number(table: Mapping[str, Any], name: str, default: float, least: float) -> float:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise SettingsError(f"`api.{name}` must be a number, at least {least:g}")
    return value


def _address(value: object, where: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise SettingsError(f"`{where}.address` must be HOST:PORT")
    return host.strip("[]"), int(port)
