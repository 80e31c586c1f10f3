"""A project as the server has it: its files' texts, on disk or as the client has them open, in one workspace."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from jcc.baseline import Baseline, read_baseline
from jcc.catalog import is_file
from jcc.config import Config, ConfigError, find_config
from jcc.diagnostics import Diagnostic
from jcc.frontend.cursor import MAX_ERRORS
from jcc.project import FileProblem, find_root, is_found, jcl_files, read_text
from jcc.source import Source
from jcc.workspace import SCHEMA_SUFFIX, Workspace, analysed, courses, parsed, seen_by_others
from jcc_lsp.documents import Change, Document, Piece
from jcc_lsp.findings import findings, syntax_errors
from jcc_lsp.positions import Encoding
from jcc_lsp.uris import uri_of

KEPT = 150
"""Of how many pieces the trees are kept; one of a hundred lines takes about 200 kB."""

Shown: TypeAlias = tuple[object, ...]


def _unheard(_: str) -> None:
    pass


@dataclass(slots=True)
class Project:
    """`root` is the folder that all of it lies in, but for what lies in `others`, projects within it; `complain` is told what cannot be
    read, in words for the user.

    The methods that change a text give whether what other files see of it has become something else."""

    root: Path
    others: frozenset[Path] = frozenset()
    workspace: Workspace = field(default_factory=Workspace)
    documents: dict[str, Document] = field(default_factory=dict)
    complain: Callable[[str], None] = _unheard
    _given: dict[str, Source] = field(default_factory=dict)
    _owners: dict[str, Document] = field(default_factory=dict)
    _configs: dict[Path, Config] = field(default_factory=dict)
    _baselines: dict[Path, Baseline | None] = field(default_factory=dict)
    _config_revision: int = 0

    def __post_init__(self) -> None:
        self.workspace.is_edited = self._is_edited
        for heavy in (parsed, courses, analysed):
            self.workspace.keep(heavy.__qualname__, KEPT)

    # -- texts

    def load(self) -> None:
        """Read all files below the root."""
        for file in jcl_files(self.root):
            if self.others.isdisjoint(file.parents):
                self._take(str(file))
        self._give(self.documents.values())

    def read(self, paths: Iterable[str]) -> None:
        """Take files' texts from disk, but of those that the client has open; forget the files that are not there. Those that `load`
        would not find are none of the project's."""
        taken = [
            path
            for path in paths
            if not self.is_open(path) and (path in self.documents or self._is_found(path))
        ]
        for path in taken:
            self._take(path)
        self._give([self.documents[path] for path in taken if path in self.documents])

    def may_have(self, folder: str) -> bool:
        """Whether files in a folder may be the project's."""
        return self._is_found(os.path.join(folder, "any"))

    def _is_found(self, path: str) -> bool:
        return self.root not in Path(path).parents or is_found(Path(path), self.root)

    def open(self, path: str, uri: str, version: int | None, text: str) -> bool:
        """Take a text from the client."""
        shown = self._shown(path)
        document = self.documents.setdefault(path, Document(path, uri))
        document.uri, document.version, document.is_open = uri, version, True
        document.set_text(text)
        self._give([document])
        return shown != self._shown(path)

    def change(
        self, path: str, version: int, changes: Sequence[Change], encoding: Encoding
    ) -> bool:
        """Take edits of the client's in a file that it has open."""
        shown = self._shown(path)
        document = self.documents[path]
        document.version = version
        for change in changes:
            document.apply(change, encoding)
        self._give([document])
        return shown != self._shown(path)

    def close(self, path: str) -> bool:
        """Go back to the text on disk."""
        shown = self._shown(path)
        document = self.documents.get(path)
        if document is not None:
            document.is_open, document.version = False, None
        self.read([path])
        return shown != self._shown(path)

    def is_open(self, path: str) -> bool:
        document = self.documents.get(path)
        return document is not None and document.is_open

    def _is_edited(self, piece: str) -> bool:
        document = self._owners.get(piece)
        return document is not None and document.is_open

    def _take(self, path: str) -> None:
        """Let a document be what is on disk."""
        if self.is_open(path):
            return
        try:
            text = read_text(Path(path))
        except FileProblem as problem:
            if Path(path).exists():
                self.complain(str(problem))
            self.documents.pop(path, None)
            return
        self.documents.setdefault(path, Document(path, uri_of(path))).set_text(text)

    def _give(self, changed: Iterable[Document]) -> None:
        """Bring the workspace up to date, where some documents have changed or gone."""
        changed = list(changed)
        self._arrange()
        self._give_texts(changed)
        for document in changed:
            if len(document.pieces) > 1 and self._has_too_many_errors(document):
                document.join()
                self._arrange()
                self._give_texts([document])

    def _arrange(self) -> None:
        """Tell the workspace which pieces there are, in the order of the files and of their texts."""
        owners = {
            piece.name: document
            for _, document in sorted(self.documents.items())
            for piece in document.pieces
        }
        if list(owners) != list(self._owners):
            self.workspace.arrange(list(owners))
            self._given = {name: text for name, text in self._given.items() if name in owners}
        self._owners = owners

    def _give_texts(self, changed: Iterable[Document]) -> None:
        for document in changed:
            for piece in document.pieces:
                if self._given.get(piece.name) is not piece.source:
                    self._given[piece.name] = piece.source
                    self.workspace.set_text(piece.name, piece.source.text)

    def _has_too_many_errors(self, document: Document) -> bool:
        """So many that the compiler would not tell all of them: which ones, only the whole text shows."""
        found = (syntax_errors(self.workspace, piece.name) for piece in document.pieces)
        return sum(found) >= MAX_ERRORS

    def _shown(self, path: str) -> Shown | None:
        document = self.documents.get(path)
        if document is None:
            return None
        if path.endswith(SCHEMA_SUFFIX):
            return (document.text,)
        return tuple(seen_by_others(self.workspace, piece.name) for piece in document.pieces)

    # -- answers

    def owner(self, name: str) -> tuple[Document, Piece] | None:
        """The file that a piece belongs to, and where in it."""
        document = self._owners.get(name)
        if document is None:
            return None
        return document, next(piece for piece in document.pieces if piece.name == name)

    def findings(self, path: str) -> list[Diagnostic]:
        """The findings of a file that its configuration wants to see, their places in the whole file's text."""
        document = self.documents.get(path)
        if document is None or path.endswith(SCHEMA_SUFFIX):
            return []
        return self.config(path).wanted(Path(path), findings(self.workspace, document))

    def told(self, path: str) -> list[Diagnostic]:
        """Of these the ones that the user is told: none that a baseline knows, and of a file that the project leaves out none
        unless it is open. The same as `jcc check` of the folder, or of the open file."""
        config = self.config(path)
        if not self.is_open(path) and config.excludes(Path(path)):
            return []
        found = self.findings(path)
        baseline = self._baseline(config) if found else None
        return found if baseline is None else baseline.new_ones(path, found)

    def _baseline(self, config: Config) -> Baseline | None:
        """The known findings; none where they cannot be read, which the user is told."""
        file = config.baseline_file
        if file is None:
            return None
        if file not in self._baselines:
            try:
                self._baselines[file] = read_baseline(file)
            except ConfigError as error:
                self.complain(str(error))
                self._baselines[file] = None
        return self._baselines[file]

    def config(self, path: str) -> Config:
        """The settings for a file: the defaults where they cannot be used, which the user is told."""
        root = find_root(Path(path))
        if root not in self._configs:
            try:
                self._configs[root] = find_config(root)
            except ConfigError as error:
                self.complain(str(error))
                self._configs[root] = Config(root)
        return self._configs[root]

    def named_files(self) -> set[str]:
        """The files that the settings name, where they are or would be."""
        config = self.config(str(self.root))
        files = {config.baseline_file} if config.baseline_file else set()
        if config.catalog is not None and is_file(config.catalog):
            files.add(config.folder / config.catalog)
        return {os.path.normpath(file) for file in files}

    def forget_configs(self) -> None:
        """Read the settings, and the files that they name, again when they are next asked for."""
        self._configs.clear()
        self._baselines.clear()
        self._config_revision += 1

    @property
    def revision(self) -> tuple[int, int]:
        """Grows with everything that the findings depend on."""
        return self.workspace.revision, self._config_revision
