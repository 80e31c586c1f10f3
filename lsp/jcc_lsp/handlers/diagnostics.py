"""Findings for clients that ask for them: of one file, and of all."""

from __future__ import annotations

import asyncio

from lsprotocol import types as lsp

from jcc_lsp.server import JclServer
from jcc_lsp.uris import path_of

OPTIONS = lsp.DiagnosticOptions(
    inter_file_dependencies=True, workspace_diagnostics=True, identifier="jcc"
)


def register(server: JclServer) -> None:
    state, reports = server.state, server.reports

    @server.on(lsp.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS)
    def document_diagnostic(
        params: lsp.DocumentDiagnosticParams,
    ) -> lsp.DocumentDiagnosticReport:
        found = state.find(params.text_document.uri)
        if found is None:
            return lsp.RelatedFullDocumentDiagnosticReport([])
        report = reports.of(found[0], found[1].path)
        if report.id == params.previous_result_id:
            return lsp.RelatedUnchangedDocumentDiagnosticReport(report.id)
        return lsp.RelatedFullDocumentDiagnosticReport(report.items, result_id=report.id)

    async def workspace_diagnostic(
        params: lsp.WorkspaceDiagnosticParams,
    ) -> lsp.WorkspaceDiagnosticReport:
        known = {path_of(entry.uri): entry for entry in params.previous_result_ids}
        items: list[lsp.WorkspaceDocumentDiagnosticReport] = []
        for project in list(state.projects.values()):
            for path in list(project.documents):
                # Let what came in meanwhile have its turn: a cancellation, or a keystroke.
                await asyncio.sleep(0)
                document = project.documents.get(path)
                if document is None:
                    continue
                report = reports.of(project, path)
                before = known.pop(path, None)
                if before is not None and before.value == report.id:
                    items.append(
                        lsp.WorkspaceUnchangedDocumentDiagnosticReport(
                            document.uri, report.id, document.version
                        )
                    )
                elif report.items or before is not None:
                    items.append(
                        lsp.WorkspaceFullDocumentDiagnosticReport(
                            document.uri, report.items, document.version, result_id=report.id
                        )
                    )
        # What is gone has no findings any more.
        items += [
            lsp.WorkspaceFullDocumentDiagnosticReport(entry.uri, []) for entry in known.values()
        ]
        return lsp.WorkspaceDiagnosticReport(items)

    server.feature(lsp.WORKSPACE_DIAGNOSTIC)(workspace_diagnostic)
