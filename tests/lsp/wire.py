"""A client as plain as can be: it writes messages to a server's stream, and notes when the answers come."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import IO, Any, NamedTuple, Self, TypeAlias

Json: TypeAlias = Any
COMMAND = (sys.executable, "-c", "from jcc.cli import main; raise SystemExit(main(['lsp']))")


class Answer(NamedTuple):
    """When it came, and the message."""

    at: float
    message: dict[str, Json]


class ServerError(Exception):
    """The server answered a request with an error."""


class Wire:
    """`process` is the server's, where it is one of ours. Requests of the server's are answered with null."""

    def __init__(
        self, reader: IO[bytes], writer: IO[bytes], process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.process = process
        self._reader, self._writer = reader, writer
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._ids = 0
        threading.Thread(target=self._read, daemon=True).start()

    @classmethod
    def start(cls, command: Sequence[str] = COMMAND) -> Self:
        """A server process on the standard streams."""
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        return cls(process.stdout, process.stdin, process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        if self.process is not None:
            self.process.wait(20)
            self._reader.close()

    # -- messages

    def _read(self) -> None:
        while True:
            length = 0
            while (line := self._reader.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            if not line:
                self._answers.put(None)
                return
            body = self._reader.read(length)
            at = perf_counter()
            self._answers.put(Answer(at, json.loads(body)))

    def send(self, message: dict[str, Json]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_bytes(self, content: bytes) -> None:
        self._writer.write(content)
        self._writer.flush()

    def wait(self, wanted: Callable[[dict[str, Json]], bool]) -> Answer:
        """The next message that is wanted; others are let go."""
        while True:
            answer = self._answers.get(timeout=60)
            if answer is None:
                raise EOFError("the server has gone")
            message = answer.message
            if "method" in message and "id" in message:
                result = [None] if message["method"] == "workspace/configuration" else None
                self.send({"id": message["id"], "result": result})
            if wanted(message):
                return answer

    def notify(self, method: str, params: Json) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Json) -> int:
        """Send a request, and give its id."""
        self._ids += 1
        self.send({"id": self._ids, "method": method, "params": params})
        return self._ids

    def answer(self, request: int) -> Answer:
        return self.wait(lambda m: m.get("id") == request and "method" not in m)

    def call(self, method: str, params: Json) -> Json:
        """A request's result. Raises ServerError."""
        message = self.answer(self.ask(method, params)).message
        if "error" in message:
            raise ServerError(message["error"])
        return message["result"]

    def published(self, uri: str) -> Answer:
        """The next findings that the server tells of a file."""
        return self.wait(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
            )
        )

    # -- an editor's doings

    def initialize(self, *folders: Path, capabilities: Json = None, options: Json = None) -> Json:
        result = self.call(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders],
                "capabilities": capabilities or {},
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "jcl") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def edit(
        self, uri: str, version: int, start: tuple[int, int], end: tuple[int, int], text: str
    ) -> None:
        change = {"range": {"start": position(*start), "end": position(*end)}, "text": text}
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
        )

    def leave(self) -> int | None:
        """Shut the server down as the protocol wants it; its exit status, where it is a process of ours."""
        self.call("shutdown", None)
        self.notify("exit", None)
        return None if self.process is None else self.process.wait(20)


def position(line: int, column: int) -> Json:
    return {"line": line, "character": column}
