"""Commands: run a workflow, say what a deploy would do, draw a graph. What takes time runs as a program of its own.

`docs/language-server.md` tells the editors what each takes and gives.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path, PurePath
from typing import TypeAlias

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcRequestCancelled

from jcc.frontend.symbols import Signature
from jcc.project import FileProblem, read_text
from jcc.workspace import Analysis
from jcc_lsp.documents import Document
from jcc_lsp.ide.wording import Json, constant_json
from jcc_lsp.ide.workflows import graph, workflow_named
from jcc_lsp.processes import Ended, run_jcc
from jcc_lsp.projects import Project
from jcc_lsp.server import JclServer

RUN, DEPLOY, GRAPH, SIGNATURE = "jcc.run", "jcc.deployDryRun", "jcc.graph", "jcc.signature"
RELOAD_CATALOG = "jcc.reloadCatalog"
SHOW_REFERENCES = "jcc.showReferences"
"""A command of the client's: a URI, a position and locations."""

FORMATS = ("svg", "mermaid", "dot")


Given: TypeAlias = Mapping[str, object]
"""The one argument of a command."""


def register(server: JclServer) -> None:
    programs = _Programs(server)

    async def run(given: Given) -> Json:
        _, document = _document(server, given)
        inputs = json.dumps(given.get("inputs") or {})
        ended = await programs.run(["run", document.path, inputs], document.path)
        outcome = _outcome(ended)
        if "error" in outcome:
            programs.show(ended, f"{PurePath(document.path).name} did not end well")
        return outcome

    async def deploy(given: Given) -> Json:
        _, document = _document(server, given)
        ended = await programs.run(["deploy", document.path, "--dry-run"], document.path)
        if ended.status != 0:
            programs.show(ended, f"{PurePath(document.path).name} cannot be deployed")
        return ended.output or ended.messages

    async def show_graph(given: Given) -> Json:
        project, document = _document(server, given)
        format = given.get("format", "svg")
        if format not in FORMATS:
            raise JsonRpcInvalidParams(f"`format` is one of {', '.join(FORMATS)}")
        found = _workflow(project, document, given)
        return found and graph(project.workspace, *found, str(format))

    async def show_signature(given: Given) -> Json:
        project, document = _document(server, given)
        found = _workflow(project, document, given)
        return None if found is None else _signature(found[1].model.signature)

    async def reload_catalog(given: Given) -> Json:
        await server.catalogs.reload()
        return None

    commands = {
        **{RUN: run, DEPLOY: deploy, GRAPH: show_graph, SIGNATURE: show_signature},
        RELOAD_CATALOG: reload_catalog,
    }
    for name, command in commands.items():
        server.command(name)(command)  # so that the client is told of it
    # The library would check arguments by annotations, which cannot say that some may be left out.
    server.protocol.fm.builtin_features.pop(lsp.WORKSPACE_EXECUTE_COMMAND)

    @server.feature(lsp.WORKSPACE_EXECUTE_COMMAND)
    async def execute(params: lsp.ExecuteCommandParams) -> Json:
        command = commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"no such command: {params.command}")
        match params.arguments:
            case [dict(given)]:
                return await command(given)
            case _:
                raise JsonRpcInvalidParams('the argument is an object with a "uri"')


# -- arguments and results ----------------------------------------------------------------------------------------


def _document(server: JclServer, given: Given) -> tuple[Project, Document]:
    """The file that a command is about."""
    uri = given.get("uri")
    found = server.state.find(uri) if isinstance(uri, str) else None
    if found is None:
        raise JsonRpcInvalidParams(f"no such file: {uri}")
    return found


def _workflow(project: Project, document: Document, given: Given) -> tuple[str, Analysis] | None:
    name = given.get("name")
    paths = [piece.name for piece in document.pieces]
    return workflow_named(project.workspace, paths, name if isinstance(name, str) else None)


def _signature(found: Signature) -> Json:
    inputs: list[Json] = [
        {
            "name": entry.name,
            "type": entry.type,
            "required": entry.required,
            "default": constant_json(entry.default),
        }
        for entry in found.inputs
    ]
    return {"name": found.name, "inputs": inputs}


def _outcome(ended: Ended) -> dict[str, Json]:
    """What `jcc run` prints: the outputs, or an error; and its messages where it prints neither."""
    try:
        printed = json.loads(ended.output)
    except ValueError:
        return {"error": {"msg": ended.messages or ended.output}}
    if ended.status != 0 and isinstance(printed, dict) and "error" in printed:
        return {"error": printed["error"]}
    return {"output": printed}


# -- programs -----------------------------------------------------------------------------------------------------


class _Programs:
    """Runs `jcc` for the client, which sees how far it is and may stop it."""

    def __init__(self, server: JclServer) -> None:
        self._server = server
        self._tokens = map("jcc-{}".format, count(1))

    async def run(self, arguments: Sequence[str], path: str) -> Ended:
        self._tell_unsaved()
        title = f"jcc {arguments[0]} {PurePath(path).name}"
        folder = Path(path).parent if Path(path).parent.is_dir() else Path()
        progress = await self._begin(title)
        try:
            task = asyncio.ensure_future(run_jcc(arguments, folder, progress.tell))
            return await progress.guard(task)
        finally:
            progress.end()

    async def _begin(self, title: str) -> _Progress:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return _Progress(self._server, None)
        token = next(self._tokens)
        await self._server.work_done_progress.create_async(token)
        begin = lsp.WorkDoneProgressBegin(title=title, cancellable=True)
        self._server.work_done_progress.begin(token, begin)
        return _Progress(self._server, token)

    def show(self, ended: Ended, what: str) -> None:
        """Tell the user that a program has failed, and why."""
        lines = [line for line in (ended.messages or ended.output).split("\n") if line.strip()]
        text = f"{what}: {lines[0]}" if lines else what
        self._server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, text))

    def _tell_unsaved(self) -> None:
        """The program reads the files on disk."""
        names = [
            PurePath(document.path).name
            for _, document in self._server.state.open_documents()
            if _is_unsaved(document)
        ]
        if names:
            text = f"not saved, so not as you see it: {', '.join(names)}"
            self._server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))


def _is_unsaved(document: Document) -> bool:
    try:
        return read_text(Path(document.path)) != document.text
    except FileProblem:
        return True


class _Progress:
    """`token` is None for a client that shows no progress; it sees the messages in its log all the same."""

    def __init__(self, server: JclServer, token: str | None) -> None:
        self._server = server
        self._token = token

    def tell(self, line: str) -> None:
        message = lsp.LogMessageParams(lsp.MessageType.Info, line)
        self._server.window_log_message(message)
        if self._token is not None:
            report = lsp.WorkDoneProgressReport(message=line)
            self._server.work_done_progress.report(self._token, report)

    async def guard(self, task: asyncio.Future[Ended]) -> Ended:
        """The task's result; the user may cancel it at the progress that is shown."""
        if self._token is not None:
            stop = self._server.work_done_progress.tokens[self._token]
            stop.add_done_callback(lambda future: task.cancel() if future.cancelled() else None)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled():
                raise JsonRpcRequestCancelled() from None
            raise

    def end(self) -> None:
        if self._token is not None:
            self._server.work_done_progress.end(self._token, lsp.WorkDoneProgressEnd())
            del self._server.work_done_progress.tokens[self._token]
