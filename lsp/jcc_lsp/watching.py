"""What changes on disk: told by a client that can watch files, else looked for in quiet moments.

Files are seen that belong to a project: JCL files, schemas, settings, and what the settings name, wherever that is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from time import monotonic
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from jcc.project import JCL_SUFFIXES, jcl_files
from jcc.workspace import SCHEMA_SUFFIX
from jcc_lsp.uris import uri_of

if TYPE_CHECKING:
    from jcc_lsp.server import JclServer

SETTINGS = frozenset({"jcc.toml", "pyproject.toml", "jobcenter.toml"})
JCL = (*JCL_SUFFIXES, SCHEMA_SUFFIX)
PATTERNS = ("**/*.{wf,ac}", "**/*.schema.json", "**/{jcc,jobcenter,pyproject}.toml")
NAMED = "named-files"  # the registration that is made anew when settings change
EVERY = 1.0  # seconds between two looks, if the client cannot watch
SHARE = 50  # of the time; looking through a large folder must not be all that the server does

Seen = dict[str, tuple[int, int]]
"""When each file was changed, and its size."""


class Watch:
    def __init__(self, server: JclServer) -> None:
        self._server = server
        self._named: frozenset[str] = frozenset()
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """See from now on what changes."""
        if self._can_watch:
            changes = [lsp.FileSystemWatcher(pattern) for pattern in PATTERNS]
            # Of a folder that comes or goes, some clients tell alone, and not of the files in it.
            folders = lsp.WatchKind.Create | lsp.WatchKind.Delete
            self._register("watched-files", [*changes, lsp.FileSystemWatcher("**/*", folders)])
        elif self._looking is None:
            before = _seen(self._folders(), self._named_files())
            self._looking = asyncio.ensure_future(self._look_again_and_again(before))
        self.follow_settings()

    def follow_settings(self) -> None:
        """Watch the files that the settings name, as they are now."""
        named = frozenset(self._named_files())
        if named == self._named:
            return
        if self._can_watch:
            if self._named:
                old = lsp.Unregistration(NAMED, lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
                self._server.client_unregister_capability(lsp.UnregistrationParams([old]))
            if named:
                self._register(NAMED, [self._watcher(path) for path in sorted(named)])
        self._named = named

    def take(self, paths: Iterable[str]) -> None:
        """Bring everything up to date: these files or folders have changed, come or gone."""
        state = self._server.state
        gone, files = [], []
        settings = False
        told = list(paths)
        below = state.files_below(filter(os.path.isdir, told), (*JCL, *SETTINGS))
        for path in (*told, *below):
            name = PurePath(path).name
            if name in SETTINGS or path in self._named:
                settings = True
            elif name.endswith(JCL):
                files.append(path)
            elif not os.path.exists(path):
                gone.append(path)
        state.read(files)
        found = state.forget_below(gone) or bool(files)
        if settings:
            state.settings_changed()
            self.follow_settings()
            self._server.catalogs.refresh()
        if found or settings:
            self._server.publisher.all_changed()

    # -- by the client

    @property
    def _capability(self) -> lsp.DidChangeWatchedFilesClientCapabilities | None:
        workspace = self._server.client_capabilities.workspace
        return workspace.did_change_watched_files if workspace else None

    @property
    def _can_watch(self) -> bool:
        return bool(self._capability and self._capability.dynamic_registration)

    def _register(self, id: str, watchers: list[lsp.FileSystemWatcher]) -> None:
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = lsp.Registration(id, method, options)
        self._server.client_register_capability(lsp.RegistrationParams([registration]))

    def _watcher(self, path: str) -> lsp.FileSystemWatcher:
        file = PurePath(path)
        if self._capability and self._capability.relative_pattern_support:
            return lsp.FileSystemWatcher(lsp.RelativePattern(uri_of(str(file.parent)), file.name))
        return lsp.FileSystemWatcher(f"**/{file.name}")

    def _named_files(self) -> Iterable[str]:
        for project in self._server.state.projects.values():
            yield from project.named_files()

    # -- by ourselves

    async def _look_again_and_again(self, before: Seen) -> None:
        took = 0.0
        while True:
            await asyncio.sleep(max(EVERY, took * SHARE))
            if self._server.inbox.quiet_for < EVERY / 2:
                continue
            begin = monotonic()
            now = await asyncio.to_thread(_seen, self._folders(), self._named)
            took = monotonic() - begin
            changed = {path for path, _ in before.items() ^ now.items()}
            before = now
            self.take(sorted(changed))

    def _folders(self) -> list[Path]:
        return [root for root in self._server.state.projects if root.is_absolute()]


def _seen(folders: Iterable[Path], named: Iterable[str]) -> Seen:
    """What there is of the files in some folders, and of those that are named."""
    found: Seen = {}
    files = {file for folder in folders for file in jcl_files(folder)}
    files |= {folder / name for folder in folders for name in SETTINGS}
    for file in (*files, *map(Path, named)):
        try:
            status = file.stat()
        except OSError:
            continue
        found[str(file)] = status.st_mtime_ns, status.st_size
    return found
