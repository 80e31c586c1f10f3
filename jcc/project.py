"""Files on disk: which belong together, and their texts. Fills a `Workspace`; analyses nothing.

A project is a folder with all its `.wf`, `.ac` and `NAME.schema.json` files. Its root is the nearest folder, from a file upward, that
holds one of `ROOT_MARKS`; without one, the file's own folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jcc.catalog import CatalogError
from jcc.catalog import load as load_catalog
from jcc.config import Config, find_config
from jcc.diagnostics import Diagnostic
from jcc.workspace import SCHEMA_SUFFIX, Workspace, diagnostics

ROOT_MARKS = ("jcc.toml", "jobcenter.toml", "pyproject.toml", ".git")
JCL_SUFFIXES = (".wf", ".ac")
OWN_MARKS = ("jcc.toml", "jobcenter.toml")
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
LIMIT = (
    64 * 1024 * 1024
)  # bytes; nobody writes such a workflow, and reading a device would never end


class FileProblem(Exception):
    """A file that cannot be read as a JCL text; the message says why, without the path."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def read_text(path: Path) -> str:
    """A file's text: UTF-8, with or without a byte order mark. Raises FileProblem."""
    try:
        if path.is_dir():
            raise FileProblem(str(path), "is a folder, not a file")
        with path.open("rb") as stream:
            content = stream.read(LIMIT + 1)
    except OSError as error:
        raise FileProblem(str(path), (error.strerror or str(error)).lower()) from error
    except ValueError as error:  # a NUL in the path
        raise FileProblem(str(path), str(error)) from error
    if len(content) > LIMIT:
        raise FileProblem(str(path), f"is larger than {LIMIT // 2**20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileProblem(
            str(path), f"is not UTF-8: byte 0x{content[error.start]:02x} in line {line}"
        ) from error


def find_root(path: Path) -> Path:
    """The root of the project that a file or folder belongs to."""
    folder = path if path.is_dir() else path.parent
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        if any((candidate / mark).exists() for mark in ROOT_MARKS):
            return candidate
    return absolute


def roots_below(folder: Path) -> Iterator[Path]:
    """The folders within a project that are projects of their own: those with one of `OWN_MARKS`."""
    for where, _, files in _walk(folder):
        if where != folder and any(mark in files for mark in OWN_MARKS):
            yield where


def root_between(folder: Path, outer: Path) -> Path | None:
    """The innermost project around a folder, and within the project `outer`, that is one of its own."""
    for candidate in (folder, *folder.parents):
        if candidate == outer:
            return None
        if any((candidate / mark).is_file() for mark in OWN_MARKS):
            return candidate
    return None


def jcl_files(folder: Path) -> Iterator[Path]:
    """The JCL files and JSON Schemas below a folder, sorted, without hidden and tool-made folders."""
    return files_below(folder, (*JCL_SUFFIXES, SCHEMA_SUFFIX))


def files_below(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for where, _, files in _walk(folder):
        for name in sorted(files):
            if name.endswith(endings):
                yield where / name


def is_found(path: Path, folder: Path) -> bool:
    """Whether a file below a folder is not in one that is hidden or made by tools."""
    return not any(map(_is_skipped, path.relative_to(folder).parts[:-1]))


def _walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder with the names of what is in it; not below hidden and tool-made ones."""
    for where, folders, files in os.walk(folder):
        yield Path(where), list(folders), files
        folders[:] = sorted(name for name in folders if not _is_skipped(name))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS


def shown(path: Path) -> str:
    """A path as people are shown it: relative to where they are, if it lies below."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(slots=True)
class Project:
    """The workspace of some paths: `named` are the JCL files that were asked for (in folders: all of them), `workspace` has
    their whole projects, so that calls are resolved. `problems` tells of every file that could not be read, `warnings` of catalogs that could not."""

    workspace: Workspace = field(default_factory=Workspace)
    named: list[str] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _configs: dict[Path, Config] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def config(self, path: str | Path) -> Config:
        """The settings for a file or folder. Raises ConfigError."""
        root = find_root(Path(path))
        if root not in self._configs:
            self._configs[root] = find_config(root)
        return self._configs[root]

    def wanted(self, path: str) -> list[Diagnostic]:
        """The findings of a file that its project wants to see. Raises ConfigError."""
        return self.config(path).wanted(Path(path), diagnostics(self.workspace, path))

    def load_catalogs(self) -> None:
        """Take the catalogs that the projects' settings name, for names that no file defines. Raises ConfigError."""
        catalogs = []
        for path in self.named:
            self.config(path)
        for config in self._configs.values():
            if config.catalog is not None:
                try:
                    catalogs.append(load_catalog(config.catalog, config.folder))
                except CatalogError as error:
                    self.warnings.append(f"the catalog is left out: {error}")
        if catalogs:
            self.workspace.set_catalog(
                [signature for catalog in catalogs for signature in catalog.signatures],
                {name: schema for catalog in catalogs for name, schema in catalog.schemas.items()},
            )

    def add(self, path: Path) -> None:
        """Name a file or a folder. Raises ConfigError."""
        if path.is_dir():
            config = self.config(path)
            files = [
                file
                for file in jcl_files(path)
                if file.name.endswith(JCL_SUFFIXES) and not config.excludes(file)
            ]
            if not files:
                self.problems.append(FileProblem(str(path), "holds no .wf or .ac file"))
        else:
            files = [path]
        for file in files:
            if self._load(file) and shown(file) not in self.named:
                self.named.append(shown(file))
        if files:
            for file in jcl_files(find_root(path)):
                self._load(file)

    def _load(self, file: Path) -> bool:
        name = shown(file)
        if name in self._read:
            return name in self.workspace.paths
        self._read.add(name)
        try:
            self.workspace.set_text(name, read_text(file))
        except FileProblem as problem:
            self.problems.append(FileProblem(name, problem.message))
            return False
        return True


def open_project(paths: list[Path]) -> Project:
    project = Project()
    for path in paths:
        project.add(path)
    return project
