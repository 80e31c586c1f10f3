"""From `initialize` to `shutdown`: folders, settings, what the client can do."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from lsprotocol import types as lsp
from pygls.capabilities import ServerCapabilitiesBuilder

from jcc_lsp.positions import Encoding
from jcc_lsp.server import JclServer
from jcc_lsp.settings import settings_of
from jcc_lsp.uris import path_of

SECTION = "jcc"


def register(server: JclServer) -> None:
    @server.on(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.is_initialized = True
        server.state.encoding = Encoding(
            ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        )
        server.state.settings = settings_of(params.initialization_options)
        server.state.set_folders(_folders(params))
        _choose_who_asks(server, params.capabilities)

    @server.on(lsp.INITIALIZED)
    def initialized(params: lsp.InitializedParams) -> None:
        server.watch.start()
        _ask_for_settings(server)
        server.publisher.all_changed()
        server.catalogs.refresh()

    @server.on(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.is_shut_down = True

    @server.on(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: lsp.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, dict) and SECTION in params.settings:
            _use(server, params.settings[SECTION])
        else:
            _ask_for_settings(server)

    @server.on(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        removed = {path_of(folder.uri) for folder in params.event.removed}
        kept = [folder for folder in server.state.folders if str(folder) not in removed]
        added = [Path(path_of(folder.uri)) for folder in params.event.added]
        server.state.set_folders([*kept, *added])
        server.publisher.all_changed()
        for project in server.state.projects.values():
            server.catalogs.notice(project)
        server.watch.follow_settings()


def _choose_who_asks(server: JclServer, client: lsp.ClientCapabilities) -> None:
    """Have a client ask for findings that wants to and can be told to ask again. One that cannot (Neovim 0.11) would go on showing
    what another file's change has made untrue: it is told of findings, and not offered to ask."""
    texts, workspace = client.text_document, client.workspace
    asks = texts is not None and texts.diagnostic is not None
    diagnostics = workspace and workspace.diagnostics
    server.publisher.pulls = asks and bool(diagnostics and diagnostics.refresh_support)
    if asks and not server.publisher.pulls:
        server.withdraw(lsp.TEXT_DOCUMENT_DIAGNOSTIC)
        server.withdraw(lsp.WORKSPACE_DIAGNOSTIC)


def _folders(params: lsp.InitializeParams) -> list[Path]:
    if params.workspace_folders:
        return [Path(path_of(folder.uri)) for folder in params.workspace_folders]
    if params.root_uri:
        return [Path(path_of(params.root_uri))]
    return [Path(params.root_path)] if params.root_path else []


def _ask_for_settings(server: JclServer) -> None:
    workspace = server.client_capabilities.workspace
    if workspace and workspace.configuration:
        asked = lsp.ConfigurationParams([lsp.ConfigurationItem(section=SECTION)])
        answer = server.protocol.send_request(lsp.WORKSPACE_CONFIGURATION, asked)
        answer.add_done_callback(lambda answer: _take_settings(server, answer))


def _take_settings(server: JclServer, answer: Future[object]) -> None:
    """Use the settings in the client's answer. Where it has none, or leaves before it gives one, they stay as they are."""
    if not answer.cancelled() and answer.exception() is None:
        match answer.result():
            case [section, *_]:
                _use(server, section)
            case _:
                pass


def _use(server: JclServer, section: object) -> None:
    server.state.settings = settings_of(section)
    server.publisher.all_changed()
