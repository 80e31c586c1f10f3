"""Random editing of a workspace: after each edit the server knows what a fresh analysis finds, and answers what it is asked.

`python -m tests.lsp.fuzz [EDITS] [SEED]` goes on for so many edits (10,000) and prints how long the answers took; `test_fuzz` does
a few. A failure tells the seed and the number of the edit.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import unquote, urlsplit

from jcc.diagnostics import Diagnostic, Edit
from jcc.fixes import apply_edits
from jcc.source import Source, Span
from jcc.workspace import SCHEMA_SUFFIX, Workspace, diagnostics
from tests.frontend.edits import lines_edited
from tests.lsp.fuzz_texts import FILES, NAMES, PIECES, QUESTIONS
from tests.lsp.wire import Wire, position

REFUSED = -32803


class Disagreement(Exception):
    """The server knows something else than a fresh analysis."""


@dataclass
class Buffer:
    path: str
    text: str
    is_open: bool = False
    version: int = 0
    done: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return Path(self.path).as_uri()


class Session:
    """An editor that does anything. `slowest` has the longest answer of each method, in seconds."""

    def __init__(self, wire: Wire, folder: Path, seed: int) -> None:
        self.wire, self.folder, self.random = wire, folder, random.Random(seed)
        self.buffers = {
            str(folder / name): Buffer(str(folder / name), text) for name, text in FILES.items()
        }
        self.slowest: dict[str, float] = {}
        for buffer in self.buffers.values():
            Path(buffer.path).write_bytes(buffer.text.encode())
        wire.initialize(
            folder,
            capabilities={
                "general": {"positionEncodings": ["utf-32"]},
                "workspace": {
                    "workspaceEdit": {"documentChanges": True, "resourceOperations": ["rename"]},
                    "diagnostics": {"refreshSupport": True},
                },
                "textDocument": {"diagnostic": {}},
            },
        )

    def step(self) -> None:
        """One thing that a user does, and what an editor asks then."""
        doings: list[tuple[Callable[[Buffer], None], int]] = [
            (self.type, 8),
            (self.delete, 5),
            (self.paste, 2),
            (self.change_lines, 6),
            (self.undo, 5),
            (self.rename, 2),
            (self.restore, 2),
            (self.open_or_close, 2),
        ]
        (doing,) = self.random.choices([d for d, _ in doings], [weight for _, weight in doings])
        doing(self.random.choice(list(self.buffers.values())))
        for method in self.random.sample(QUESTIONS, 4):
            self.ask(method, self.random.choice(list(self.buffers.values())))
        self.compare()

    # -- edits

    def type(self, buffer: Buffer) -> None:
        at = self.random.randrange(len(buffer.text) + 1)
        self.change(buffer, at, at, self.random.choice(PIECES))

    def delete(self, buffer: Buffer) -> None:
        start = self.random.randrange(len(buffer.text) + 1)
        self.change(
            buffer, start, min(start + self.random.choice((1, 1, 5, 40)), len(buffer.text)), ""
        )

    def paste(self, buffer: Buffer) -> None:
        other = self.random.choice(list(self.buffers.values())).text
        start = self.random.randrange(len(other) + 1)
        at = self.random.randrange(len(buffer.text) + 1)
        self.change(buffer, at, at, other[start : start + self.random.choice((10, 100, 400))])

    def change_lines(self, buffer: Buffer) -> None:
        """Lines that come, go, or are indented otherwise."""
        self.change(buffer, *difference(buffer.text, lines_edited(self.random, buffer.text)))

    def undo(self, buffer: Buffer) -> None:
        if buffer.done:
            self.change_whole(buffer, buffer.done.pop())

    def restore(self, buffer: Buffer) -> None:
        """Back to what it was in the beginning, so that not all is broken for ever."""
        self.change_whole(buffer, FILES.get(Path(buffer.path).name, FILES["main.wf"]))

    def open_or_close(self, buffer: Buffer) -> None:
        if buffer.is_open:
            # Unsaved: what is on disk counts again.
            self.wire.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
            buffer.is_open = False
            buffer.text = Path(buffer.path).read_bytes().decode()
        else:
            self.open(buffer)

    def open(self, buffer: Buffer) -> None:
        if not buffer.is_open:
            self.wire.open(buffer.uri, buffer.text)
            buffer.is_open, buffer.version = True, 1

    def change(self, buffer: Buffer, start: int, end: int, new: str) -> None:
        """In an open file as an editor does it, in a closed one on disk."""
        buffer.done = [*buffer.done[-20:], buffer.text]
        before = Source("", buffer.text)
        buffer.text = buffer.text[:start] + new + buffer.text[end:]
        if not buffer.is_open:
            self.write(buffer)
            return
        buffer.version += 1
        self.wire.edit(buffer.uri, buffer.version, place(before, start), place(before, end), new)

    def change_whole(self, buffer: Buffer, text: str) -> None:
        buffer.text = text
        if not buffer.is_open:
            self.write(buffer)
            return
        buffer.version += 1
        self.wire.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": buffer.uri, "version": buffer.version},
                "contentChanges": [{"text": text}],
            },
        )

    def write(self, buffer: Buffer) -> None:
        Path(buffer.path).write_bytes(buffer.text.encode())
        self.tell(buffer.uri, 2)

    def tell(self, uri: str, kind: int) -> None:
        self.wire.notify(
            "workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": kind}]}
        )

    def rename(self, buffer: Buffer) -> None:
        """At a random place, to a random name; what the server says is done."""
        new = self.random.choice(NAMES)
        edit = self.ask("rename", buffer, newName=new)
        for change in (edit or {}).get("documentChanges", ()):
            if change.get("kind") == "rename":
                self.move(path_of(change["oldUri"]), path_of(change["newUri"]))
            else:
                self.apply(self.buffers[path_of(change["textDocument"]["uri"])], change["edits"])

    def apply(self, buffer: Buffer, edits: list[dict[str, Any]]) -> None:
        source = Source("", buffer.text)

        def offset(at: dict[str, int]) -> int:
            return source.offset(at["line"] + 1, at["character"] + 1)

        made = [
            Edit(Span(offset(e["range"]["start"]), offset(e["range"]["end"])), e["newText"])
            for e in edits
        ]
        self.change_whole(buffer, apply_edits(buffer.text, made))

    def move(self, old: str, new: str) -> None:
        buffer = self.buffers.pop(old)
        was_open = buffer.is_open
        if was_open:
            self.wire.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
            buffer.is_open = False
        Path(old).unlink()
        self.tell(Path(old).as_uri(), 3)
        buffer.path = new
        self.buffers[new] = buffer
        self.write(buffer)
        if was_open:
            self.open(buffer)

    # -- questions

    def ask(self, method: str, buffer: Buffer, **more: Any) -> Any:
        """A request about a random place; only a refused rename may fail."""
        source = Source("", buffer.text)
        at, other = sorted(self.random.randrange(len(buffer.text) + 1) for _ in range(2))
        start, end = position(*place(source, at)), position(*place(source, other))
        params = {
            "textDocument": {"uri": buffer.uri},
            "position": start,
            "positions": [start],
            "range": {"start": start, "end": end},
            "options": {"tabSize": 4, "insertSpaces": True},
            "context": {
                "includeDeclaration": True,
                "diagnostics": [],
                "triggerKind": 1,
                "isRetrigger": False,
            },
            "ch": self.random.choice("\n:"),
            **more,
        }
        return self.request(f"textDocument/{method}", params)

    def request(self, method: str, params: Any) -> Any:
        begun = perf_counter()
        answer = self.wire.answer(self.wire.ask(method, params))
        taken = answer.at - begun
        self.slowest[method] = max(taken, self.slowest.get(method, 0))
        error = answer.message.get("error")
        if error is not None and error["code"] != REFUSED:
            raise Disagreement(f"{method} fails: {error}")
        return answer.message.get("result")

    # -- the truth

    def compare(self) -> None:
        """What the server finds in each file is what the compiler finds in the same texts."""
        fresh = Workspace()
        for path, buffer in self.buffers.items():
            fresh.set_text(path, buffer.text)
        sources = {path: Source(path, buffer.text) for path, buffer in self.buffers.items()}
        for path, buffer in self.buffers.items():
            answer = self.request("textDocument/diagnostic", {"textDocument": {"uri": buffer.uri}})
            found = sorted(map(plain, answer["items"]))
            expected = []
            if not path.endswith(SCHEMA_SUFFIX):
                expected = sorted(told(sources, path, d) for d in diagnostics(fresh, path))
            if found != expected:
                raise Disagreement(f"{path}: {found} instead of {expected}\n{buffer.text!r}")


def difference(before: str, after: str) -> tuple[int, int, str]:
    """The edit that makes one text of another: from where to where, and what comes there."""
    most = min(len(before), len(after))
    start = next((n for n in range(most) if before[n] != after[n]), most)
    tail = next((n for n in range(most - start) if before[-1 - n] != after[-1 - n]), most - start)
    return start, len(before) - tail, after[start : len(after) - tail]


def place(source: Source, offset: int) -> tuple[int, int]:
    line, column = source.position(offset)
    return line - 1, column - 1


def path_of(uri: str) -> str:
    return unquote(urlsplit(uri).path)


Plain = tuple[tuple[int, int], tuple[int, int], str, str, tuple[Any, ...]]


def plain(item: dict[str, Any]) -> Plain:
    related = tuple(
        (path_of(r["location"]["uri"]), corner(r["location"]["range"]["start"]), r["message"])
        for r in item.get("relatedInformation", ())
    )
    where = item["range"]
    return corner(where["start"]), corner(where["end"]), item["code"], item["message"], related


def corner(at: dict[str, int]) -> tuple[int, int]:
    return at["line"], at["character"]


def told(sources: dict[str, Source], path: str, found: Diagnostic) -> Plain:
    source = sources[path]
    related = tuple(
        (label.path or path, place(sources[label.path or path], label.span.start), label.message)
        for label in found.labels
    )
    message = found.message if found.help is None else f"{found.message}\n{found.help}"
    return (
        place(source, found.span.start),
        place(source, found.span.end),
        found.code,
        message,
        related,
    )


def run(edits: int, seed: int, *, show: bool = False) -> dict[str, float]:
    """So many edits; the slowest answer of each method. Raises Disagreement."""
    with tempfile.TemporaryDirectory() as name, Wire.start() as wire:
        folder = Path(name).resolve()
        (folder / "jcc.toml").write_text("")
        session = Session(wire, folder, seed)
        for number in range(edits):
            try:
                session.step()
            except Exception as error:
                error.add_note(f"seed {seed}, edit {number}")
                raise
            if show and number % 500 == 499:
                print(f"{number + 1} edits", flush=True)
        wire.leave()
    return session.slowest


def main() -> None:
    arguments = [int(argument) for argument in sys.argv[1:3]]
    edits, seed = (*arguments, *(10_000, 1)[len(arguments) :])
    slowest = run(edits, seed, show=True)
    for method, seconds in sorted(slowest.items(), key=lambda entry: -entry[1]):
        print(f"{method:<40}{seconds * 1000:10.1f} ms at most")


if __name__ == "__main__":
    main()
