"""Everything that the server knows: the folders that the client has open, their projects, the settings.

A file belongs to the innermost of the client's projects that it lies in, or of the projects within that; else to that of its own
folder. What is no file (a new text that was never saved) belongs to the first project.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jcc.project import files_below, find_root, root_between, roots_below
from jcc.workspace import Workspace
from jcc_lsp.documents import Document, Piece, Place
from jcc_lsp.positions import Encoding, offset_at
from jcc_lsp.projects import Project
from jcc_lsp.settings import Settings
from jcc_lsp.uris import path_of


class Cursor(NamedTuple):
    """A place that the user points to, as the functions of `ide` take it: `path` is a piece's name in the workspace."""

    workspace: Workspace
    path: str
    offset: int


class Anchor(NamedTuple):
    """Where a piece of the workspace is for the client."""

    document: Document
    piece: Piece

    @property
    def uri(self) -> str:
        return self.document.uri


@dataclass(slots=True)
class State:
    """`cancelled` tells the queries whether anybody waits for their answer; `complain` tells the user what cannot be read."""

    cancelled: Callable[[], bool]
    complain: Callable[[str], None]
    encoding: Encoding = Encoding.UTF16
    settings: Settings = field(default_factory=Settings)
    folders: list[Path] = field(default_factory=list)
    projects: dict[Path, Project] = field(default_factory=dict)
    _by_path: dict[str, Project] = field(default_factory=dict)

    # -- projects

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Have the projects in these folders and of the open files, and no others."""
        self.folders = list(folders)
        opened = [document for _, document in self.open_documents()]
        before, self.projects = self.projects, {}
        self._by_path.clear()
        outer = {find_root(folder): None for folder in self.folders}
        inner = [root for folder in outer for root in roots_below(folder)]
        shown = [root for root in inner if any(folder in root.parents for folder in self.folders)]
        for root in dict.fromkeys((*outer, *shown)):
            others = frozenset(other for other in (*outer, *inner) if root in other.parents)
            old = before.get(root)
            project = old if old and old.others == others else self._new(root, others)
            self.projects[root] = project
            if project is not old:
                project.load()
        for document in opened:
            project = self.project_of(document.path)
            if project.documents.get(document.path) is not document:
                project.open(document.path, document.uri, document.version, document.text)

    def settings_changed(self) -> None:
        """Read the settings again; a file with some may be what makes its folder a project."""
        for project in self.projects.values():
            project.forget_configs()
        self.set_folders(self.folders)

    def project_of(self, path: str) -> Project:
        """The project of a path; it is made and its files are read where there was none."""
        project = self._by_path.get(path)
        if project is None:
            project = self._by_path[path] = self._find_project(path)
        return project

    def _find_project(self, path: str) -> Project:
        if not os.path.isabs(path):
            return next(iter(self.projects.values()), None) or self._add(Path())
        folder = Path(path).parent
        around = [root for root in self.projects if root == folder or root in folder.parents]
        if not around:
            return self._add(find_root(Path(path)))
        nearest = max(around, key=lambda root: len(root.parts))
        inner = root_between(folder, nearest)
        return self.projects[nearest] if inner is None else self._add(inner)

    def _add(self, root: Path) -> Project:
        others = frozenset(roots_below(root)) if root.is_absolute() else frozenset()
        project = self.projects[root] = self._new(root, others)
        if root.is_absolute():
            project.load()
        return project

    def _new(self, root: Path, others: frozenset[Path]) -> Project:
        project = Project(root, others, complain=self.complain)
        project.workspace.cancelled = self.cancelled
        return project

    # -- files

    def find(self, uri: str) -> tuple[Project, Document] | None:
        """The file of a URI, None where the project has none."""
        path = path_of(uri)
        project = self.project_of(path)
        document = project.documents.get(path)
        return None if document is None else (project, document)

    def read(self, paths: Iterable[str]) -> None:
        """Take files' texts from disk, each for its project."""
        by_project: dict[int, tuple[Project, list[str]]] = {}
        for path in paths:
            project = self.project_of(path)
            by_project.setdefault(id(project), (project, []))[1].append(path)
        for project, of_it in by_project.values():
            project.read(of_it)

    def files_below(self, folders: Iterable[str], endings: tuple[str, ...]) -> Iterator[str]:
        """The files with such names below folders, where a project may have some."""
        for folder in folders:
            if self.project_of(folder).may_have(folder):
                yield from map(str, files_below(Path(folder), endings))

    def forget_below(self, folders: Iterable[str]) -> bool:
        """Forget the files below folders that are gone; whether there were any."""
        beginnings = tuple(folder + os.sep for folder in folders)
        found = False
        for project in self.projects.values():
            paths = [path for path in project.documents if path.startswith(beginnings)]
            project.read(paths)
            found |= bool(paths)
        return found

    def open_documents(self) -> Iterator[tuple[Project, Document]]:
        for project in self.projects.values():
            for document in project.documents.values():
                if document.is_open:
                    yield project, document

    def cursor(self, uri: str, place: Place) -> Cursor | None:
        """What the client points to, None in a file that is not there."""
        found = self.find(uri)
        if found is None:
            return None
        project, document = found
        piece = document.piece_at(place[0])
        offset = offset_at(piece.source, place[0] - piece.first_line, place[1], self.encoding)
        return Cursor(project.workspace, piece.name, offset)

    def anchor(self, name: str) -> Anchor | None:
        """Where the piece of a name is."""
        for project in self.projects.values():
            found = project.owner(name)
            if found is not None:
                return Anchor(*found)
        return None
