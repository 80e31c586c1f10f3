"""What a project sets for the compiler: `jcc.toml`, or `[tool.jcc]` in `pyproject.toml`. Reads files, judges no source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path

from jcc.diagnostics import Diagnostic
from jcc.diagnostics.registry import RULES, find_rule

SEVERITIES = ("hint", "info", "warning", "error")


class ConfigError(Exception):
    """A setting that cannot be used; the message names the file, the key and what it takes."""


@dataclass(frozen=True, slots=True)
class Config:
    """`select` and `ignore` hold codes, their beginnings (`JCC8`) or names of rules; `per_file_ignores` maps glob
    patterns, relative to the configuration's folder, to such lists. `indent` is `"tab"` or a number of spaces. `catalog` says whose
    deployed definitions count as known: the DSN of a database, `embedded`, or a file that `jcc catalog` wrote. `baseline` is a file of known findings."""

    folder: Path = field(default_factory=Path)
    select: tuple[str, ...] = ("JCC",)
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    fail_level: str = "warning"
    indent: str | int = "tab"
    baseline: str | None = None
    catalog: str | None = None

    def wanted(self, path: Path, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Of the findings of a file those that the project wants to see."""
        ignored = [*self.ignore]
        for pattern, codes in self.per_file_ignores.items():
            if self._fits(path, pattern):
                ignored += codes
        return [d for d in found if _named(d, self.select) and not _named(d, ignored)]

    @property
    def baseline_file(self) -> Path | None:
        return None if self.baseline is None else self.folder / self.baseline

    def excludes(self, path: Path) -> bool:
        """Whether a file is left out where its folder is checked."""
        return any(self._fits(path, pattern) for pattern in self.exclude)

    def _fits(self, path: Path, pattern: str) -> bool:
        try:
            relative = path.absolute().relative_to(self.folder.absolute()).as_posix()
        except ValueError:
            relative = path.as_posix()
        return fnmatch(relative, pattern) or fnmatch(path.name, pattern)


def _named(diagnostic: Diagnostic, selectors: Iterable[str]) -> bool:
    return any(
        diagnostic.code.startswith(selector.upper()) or diagnostic.rule.name == selector
        for selector in selectors
    )


def find_config(folder: Path) -> Config:
    """The configuration of a project's root folder; the defaults where it has none. Raises ConfigError."""
    own = folder / "jcc.toml"
    if own.is_file():
        return _config(own, _read(own))
    shared = folder / "pyproject.toml"
    if shared.is_file():
        tool = _read(shared).get("tool")
        section = tool.get("jcc") if isinstance(tool, dict) else None
        if isinstance(section, dict):
            return _config(shared, section)
    return Config(folder)


def _read(file: Path) -> dict[str, object]:
    import tomllib  # compiles patterns for 15 ms, and most projects have no file to read

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _config(file: Path, section: Mapping[str, object]) -> Config:
    known = [f.name.replace("_", "-") for f in fields(Config) if f.name != "folder"]
    values: dict[str, object] = {}
    for key, value in section.items():
        name = key.replace("_", "-")
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"{file}: no setting is named `{key}`; {hint}")
        try:
            values[name.replace("-", "_")] = _value(name, value)
        except ValueError as error:
            raise ConfigError(f"{file}: `{key}` {error}") from None
    return Config(file.parent, **values)  # type: ignore[arg-type]  # each was checked by _value


def _value(name: str, value: object) -> object:
    """The checked value of a setting. Raises ValueError saying what it takes."""
    match name:
        case "select" | "ignore":
            return _codes(value)
        case "exclude":
            return _strings(value)
        case "per-file-ignores":
            if not isinstance(value, dict):
                raise ValueError("takes a table from patterns to lists of codes")
            return {pattern: _codes(codes) for pattern, codes in value.items()}
        case "fail-level":
            if value not in SEVERITIES:
                raise ValueError(f"takes one of {', '.join(SEVERITIES)}")
            return value
        case "indent":
            if value != "tab" and not (type(value) is int and 1 <= value <= 16):
                raise ValueError('takes "tab" or a number of spaces from 1 to 16')
            return value
        case _:
            if not isinstance(value, str):
                raise ValueError("takes a string")
            return value


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValueError("takes a list of strings")
    return tuple(value)


def _codes(value: object) -> tuple[str, ...]:
    codes = _strings(value)
    for code in codes:
        if find_rule(code) is None and not any(known.startswith(code.upper()) for known in RULES):
            raise ValueError(f"names `{code}`, which is no diagnostic and no family of them")
    return codes
