"""Tells the client of findings without being asked: in open files at once, in all others when nothing else is to do.

A client that asks for findings itself is only told when it should ask again.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types as lsp

from jcc_lsp.projects import Project

if TYPE_CHECKING:
    from jcc_lsp.server import JclServer

QUIET = 0.05  # seconds without a message: the user reads
AT_A_TIME = 0.002  # seconds; longer, and a keystroke would have to wait


class _Sent(NamedTuple):
    uri: str
    report: str


class Publisher:
    """`pulls`: the client asks for findings, and can be told to ask again."""

    def __init__(self, server: JclServer) -> None:
        self.pulls = False
        self._server = server
        self._changed: dict[str, Project] = {}
        self._affected: dict[int, Project] = {}
        self._later: dict[str, Project] = {}
        self._sent: dict[str, _Sent] = {}
        self._is_waiting = self._asks_soon = False

    def changed(self, project: Project, path: str, *, others: bool) -> None:
        """The text of a file has changed; where `others`, so may have the findings in other files."""
        self._changed[path] = project
        if others:
            self._affected[id(project)] = project
        # Of changes that come in a row only the state behind the last is published.
        if not self._server.inbox.changes_next:
            self.flush()

    def all_changed(self) -> None:
        """Anything may have changed: settings, folders, files on disk."""
        projects = self._server.state.projects
        self._affected = {id(project): project for project in projects.values()}
        self._later.clear()  # some of them may be in another project now
        for path in list(self._sent):
            if not any(path in project.documents for project in projects.values()):
                self._take_back(path)
        self.flush()

    def flush(self) -> None:
        changed, affected = self._changed, list(self._affected.values())
        self._changed, self._affected = {}, {}
        if affected and not self._asks_soon:
            self._asks_soon = True
            asyncio.get_running_loop().call_later(QUIET, self._ask_again)
        if self.pulls:
            return
        for path, project in changed.items():
            self._publish(project, path, anyway=True)
        for project in affected:
            for path in list(project.documents):
                if project.is_open(path):
                    self._publish(project, path)
                else:
                    self._later[path] = project
        self._wait()

    def _ask_again(self) -> None:
        """What is shown in other files depends on this one too: let the client ask for it, where it can, when the user stops typing."""
        if self._server.inbox.quiet_for < QUIET:
            asyncio.get_running_loop().call_later(QUIET, self._ask_again)
            return
        self._asks_soon = False
        server, known = self._server, self._server.client_capabilities.workspace
        if self.pulls:
            server.workspace_diagnostic_refresh(None)
        if known is None or len(list(server.state.open_documents())) < 2:
            return
        if known.semantic_tokens and known.semantic_tokens.refresh_support:
            server.workspace_semantic_tokens_refresh(None)
        if known.inlay_hint and known.inlay_hint.refresh_support:
            server.workspace_inlay_hint_refresh(None)
        if known.code_lens and known.code_lens.refresh_support:
            server.workspace_code_lens_refresh(None)

    # -- files that are not open

    def _wait(self) -> None:
        if self._later and not self._is_waiting:
            self._is_waiting = True
            busy = self._server.inbox.quiet_for < QUIET
            asyncio.get_running_loop().call_later(QUIET if busy else 0, self._go_on)

    def _go_on(self) -> None:
        self._is_waiting = False
        until = monotonic() + AT_A_TIME
        while self._later and self._server.inbox.quiet_for >= QUIET and monotonic() < until:
            path = next(iter(self._later))
            project = self._later.pop(path)
            if path in project.documents:
                self._publish(project, path)
        self._wait()

    # -- one file

    def _publish(self, project: Project, path: str, *, anyway: bool = False) -> None:
        """Tell of the findings in a file, unless (not `anyway`) the client has been told the same."""
        document = project.documents.get(path)
        if document is None or not (document.is_open or self._tells_of_all):
            self._take_back(path)
            return
        report = self._server.reports.of(project, path)
        known = self._sent.get(path)
        if anyway or (report.items if known is None else known.report != report.id):
            self._sent[path] = _Sent(document.uri, report.id)
            self._send(document.uri, document.version, report.items)

    def _take_back(self, path: str) -> None:
        sent = self._sent.pop(path, None)
        if sent is not None:
            self._send(sent.uri, None, [])

    @property
    def _tells_of_all(self) -> bool:
        return self._server.state.settings.workspace_diagnostics

    def _send(self, uri: str, version: int | None, items: list[lsp.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, items, version)
        )
