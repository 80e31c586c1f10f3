"""jobcenter.toml: what a project says of its database and its workers. Reads files, connects to nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobcenter.errors import JobCenterError

FILE_NAME = "jobcenter.toml"


class SettingsError(JobCenterError):
    """A jobcenter.toml that cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`folder` is where the file lies (without one, where the search began). `data` is the folder for what belongs
    to this project alone, the embedded Postgres first of all. `workers` are `MODULE:NAME`, beside the file. `api` is the section
    of that name, as it stands: `jobcenter.api.config` reads it."""

    folder: Path
    data: Path
    dsn: str | None = None
    workers: tuple[str, ...] = ()
    api: Mapping[str, Any] = field(default_factory=dict)

    @property
    def postgres(self) -> Path:
        """The data folder of the embedded Postgres."""
        return self.data / "postgres"


def find(start: Path | None = None) -> Settings:
    """The settings for `start` (a file or a folder; the working directory without one): those of the nearest
    jobcenter.toml, upwards. Raises SettingsError."""
    begin = (start or Path.cwd()).resolve()
    if not begin.is_dir():
        begin = begin.parent
    for folder in (begin, *begin.parents):
        if (folder / FILE_NAME).is_file():
            return read(folder / FILE_NAME)
    return Settings(begin, begin / ".jobcenter")


def read(file: Path) -> Settings:
    """The settings of one file. Raises SettingsError."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: {error}") from None
    unknown = content.keys() - {"api", "dsn", "data", "workers"}
    if unknown:
        raise SettingsError(
            f"{file}: unknown key `{min(unknown)}` (known are `api`, `data`, `dsn`, `workers`)"
        )
    if not isinstance(api := content.get("api", {}), dict):
        raise SettingsError(f"{file}: `api` must be a section: [api]")
    folder = file.parent
    return Settings(
        folder,
        (folder / (_text(file, content, "data") or ".jobcenter")).resolve(),
        _text(file, content, "dsn"),
        _texts(file, content, "workers"),
        api,
    )


def _text(file: Path, content: Mapping[str, object], key: str) -> str | None:
    value = content.get(key)
    if value is None or isinstance(value, str):
        return value
    raise SettingsError(f"{file}: `{key}` must be a string")


def _texts(file: Path, content: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = content.get(key, [])
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return tuple(value)
    raise SettingsError(f"{file}: `{key}` must be a list of strings")
