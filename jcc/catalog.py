"""The catalog of a project: signatures of what is deployed, for names that no file defines. Read from a database (read only) or from
a file that `jcc catalog` wrote. psycopg is imported only where a database is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jcc.frontend.ast import Scalar
from jcc.frontend.symbols import Input, Output, Signature
from jcc.source import Span

if TYPE_CHECKING:  # for its name alone; importing it takes time
    from jobcenter.artifact import Json

EMBEDDED = "embedded"
NOWHERE = Span(0, 0)
FORMAT = 1


class CatalogError(Exception):
    """A catalog that cannot be read; the message says which and why, in one line."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """`signatures` have no path: there is no text to go to. `schemas` are by the name of the type."""

    signatures: tuple[Signature, ...] = ()
    schemas: Mapping[str, Json] = field(default_factory=dict)


def load(setting: str, folder: Path) -> Catalog:
    """The catalog that the setting `catalog` of a project's folder names: a file `….json`, `embedded` (the embedded Postgres of the
    project, if there is one) or a DSN. Blocks until it is read. Raises CatalogError."""
    if is_file(setting):
        return parse(_read(folder / setting), setting)
    return parse(ask_database(None if setting == EMBEDDED else setting, folder), "the database")


def is_file(setting: str) -> bool:
    """Whether the setting `catalog` names a file, and no database."""
    return setting.endswith(".json")


def ask_database(dsn: str | None, folder: Path) -> dict[str, Any]:
    """The catalog of a database, unread; of the project's embedded Postgres without a DSN. Raises CatalogError."""
    from jobcenter import (
        catalog,
        embedded,
        settings,
    )  # with psycopg, for those alone who have such a setting
    from jobcenter.database import connect
    from jobcenter.errors import JobCenterError

    try:
        if dsn is None:
            postgres = settings.find(folder).postgres
            if not postgres.exists():
                raise CatalogError(f"there is no embedded Postgres in {postgres} yet")
            dsn = embedded.attach(postgres)
        with connect(dsn) as connection:
            return catalog.read(connection)
    except JobCenterError as error:
        raise CatalogError(" ".join(str(error).split())) from error


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"{file} is no JSON: {error}") from error


def parse(content: Any, where: str) -> Catalog:
    """The catalog in a JSON value that came from `where`. Raises CatalogError."""
    try:
        if content["format"] != FORMAT:
            raise CatalogError(
                f"{where} has a catalog of format {content['format']!r}, not {FORMAT}"
            )
        signatures = tuple(map(_signature, content["definitions"]))
        return Catalog(signatures, dict(content["schemas"]))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CatalogError(f"{where} has no catalog as `jcc catalog` writes it") from error


def _signature(entry: Any) -> Signature:
    return Signature(
        _text(entry["kind"]),
        _text(entry["name"]),
        tuple(map(_input, entry["inputs"])),
        tuple(
            Output(_text(o["name"]), _text(o["type"]), bool(o["optional"]), NOWHERE)
            for o in entry["outputs"]
        ),
        tuple(map(_input, entry["environment"])),
        path="",
        span=NOWHERE,
        doc=_text(entry["doc"]),
    )


def _input(entry: Any) -> Input:
    default = _constant(entry["default"]) if entry["optional"] else None
    return Input(
        _text(entry["name"]), _text(entry["type"]), not entry["optional"], default, NOWHERE
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _constant(value: Any) -> Scalar | tuple[object, ...]:
    """A JSON value as signatures hold constants (`frontend.signatures.constant_value`)."""
    match value:
        case list():
            return ("array", *map(_constant, value))
        case dict():
            return ("object", *((key, _constant(entry)) for key, entry in value.items()))
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(value)
