"""What is deployed, for the projects whose settings name a catalog: read when the server starts, when settings change and when the user
asks. A database is asked by a program of its own, so that one which does not answer holds up nothing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from jcc.catalog import Catalog, CatalogError, is_file, load, parse
from jcc.config import Config
from jcc_lsp.processes import run_jcc
from jcc_lsp.projects import Project

if TYPE_CHECKING:
    from jcc_lsp.server import JclServer


class Catalogs:
    def __init__(self, server: JclServer) -> None:
        self._server = server
        self._tasks: list[tuple[Project, asyncio.Task[None]]] = []

    def refresh(self) -> None:
        """Read the catalogs of all projects; soon, and without being waited for."""
        for project in self._server.state.projects.values():
            self._start(project)

    def notice(self, project: Project) -> None:
        """Read the catalog of a project that is new."""
        if all(known is not project for known, _ in self._tasks):
            self._start(project)

    async def reload(self) -> None:
        """Read all catalogs, and be done when they are there."""
        self.refresh()
        await asyncio.gather(*(task for _, task in self._tasks), return_exceptions=True)

    def _start(self, project: Project) -> None:
        for known, task in self._tasks:
            if known is project:
                task.cancel()
        living = list(self._server.state.projects.values())
        self._tasks = [
            (known, task)
            for known, task in self._tasks
            if known is not project and any(known is other for other in living)
        ]
        self._tasks.append((project, asyncio.ensure_future(self._take(project))))

    async def _take(self, project: Project) -> None:
        """Give a project its catalog. Where that cannot be read the user is told, and what was known stays."""
        config = project.config(str(project.root))
        try:
            catalog = await self._read(config)
        except CatalogError as error:
            self._server.complain(f"the catalog is left out: {error}")
            return
        before = project.workspace.revision
        project.workspace.set_catalog(catalog.signatures, catalog.schemas)
        if project.workspace.revision != before:
            self._server.publisher.all_changed()

    async def _read(self, config: Config) -> Catalog:
        if config.catalog is None:
            return Catalog()
        if is_file(config.catalog):
            return load(config.catalog, config.folder)
        ended = await run_jcc(["catalog"], config.folder, lambda line: None)
        if ended.status != 0:
            raise CatalogError(ended.messages.removeprefix("jcc: "))
        try:
            return parse(json.loads(ended.output), "the database")
        except ValueError as error:
            raise CatalogError("the database's catalog is no JSON") from error
