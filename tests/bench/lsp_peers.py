"""Other language servers beside ours, each on a file of its own language of the same length, driven by the same client: ruff on
Python, robotcode (which is written in Python, too) on Robot Framework.

`pip install --group peers`, then `python -m tests.bench.lsp_peers [LINES ...]` prints one line per server and length, the milliseconds
from a keystroke to the findings that it changes: a letter that makes a name unknown, and its removal. What they find is not the same.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from tests.bench import lsp
from tests.lsp.wire import COMMAND, Json, Wire

ROUNDS = 50
MOST = 25.0  # seconds that one server and length may take


class Peer(NamedTuple):
    """A server: its command, a file's name and its text with so many lines, and a name in the middle that gets a letter more."""

    name: str
    command: Sequence[str]
    file: str
    text: Callable[[int], str]
    edited: str


def python_text(lines: int) -> str:
    """One function."""
    part = "    total += price({n})\n    if total > {n}:\n        log = f'no. {{total}}'\n        show(log)\n"
    parts = "".join(part.format(n=n) for n in range(lines // 4 - 1))
    return "from shop import price, show\n\n\ndef big(total):\n" + parts


def robot_text(lines: int) -> str:
    """One test case."""
    part = "    ${{total}}    Evaluate    {n} + 1\n    IF    ${{total}} > {n}\n        Log    no. ${{total}}\n    END\n"
    return "*** Test Cases ***\nBig\n" + "".join(part.format(n=n) for n in range(lines // 4))


def jcl_text(lines: int) -> str:
    return lsp.workflow("big", lines)


PEERS = (
    Peer("jcc", COMMAND, "big.wf", jcl_text, "price"),
    Peer("ruff", ("ruff", "server"), "big.py", python_text, "price"),
    Peer("robotcode", ("robotcode", "language-server", "--stdio"), "big.robot", robot_text, "Log"),
)


def main(lengths: Sequence[int]) -> None:
    figures: dict[str, dict[str, float]] = {}
    print(f"{'milliseconds':<40}{'p50':>10}{'p95':>10}{'edits':>10}")
    for peer in PEERS:
        command = _found(peer)
        if command is None:
            print(f"{peer.name:<40} is not installed: pip install --group peers")
            continue
        for lines in lengths:
            seconds = _typed(peer, command, lines)
            parts = statistics.quantiles([s * 1000 for s in seconds], n=100, method="inclusive")
            row = {"p50": round(parts[49], 2), "p95": round(parts[94], 2), "edits": len(seconds)}
            figures[f"{peer.name}: {lines:,} lines"] = row
            shown = "".join(f"{value:>10}" for value in row.values())
            print(f"{f'{peer.name}: {lines:,} lines':<40}{shown}", flush=True)
    lsp.RESULTS.mkdir(exist_ok=True)
    (lsp.RESULTS / "lsp_peers.json").write_text(json.dumps(figures, indent=2) + "\n")


def _found(peer: Peer) -> Sequence[str] | None:
    """The command with the program's path: beside this interpreter, or wherever it is found."""
    own = str(Path(sys.executable).parent)
    program = shutil.which(peer.command[0], path=own) or shutil.which(peer.command[0])
    return None if program is None else (program, *peer.command[1:])


def _typed(peer: Peer, command: Sequence[str], lines: int) -> list[float]:
    text = peer.text(lines)
    rows = text.split("\n")
    line = next(n for n in range(len(rows) // 2, len(rows)) if peer.edited in rows[n])
    column = rows[line].index(peer.edited)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as name, Wire.start(command) as wire:
        folder = Path(name)
        lsp.write(folder, {peer.file: text})
        uri = (folder / peer.file).as_uri()
        wire.initialize(folder, capabilities={"textDocument": {"publishDiagnostics": {}}})
        language = {"big.py": "python", "big.robot": "robotframework"}.get(peer.file, "jcl")
        wire.open(uri, text, language)
        _, known = _told(wire, uri, None)
        version, started = 1, perf_counter()
        while len(seconds) < 2 * ROUNDS and (len(seconds) < 4 or perf_counter() - started < MOST):
            for removed, added in ((0, "x"), (1, "")):
                version += 1
                begun = perf_counter()
                wire.edit(uri, version, (line, column), (line, column + removed), added)
                at, known = _told(wire, uri, known)
                seconds.append(at - begun)
        wire.leave()
    return seconds


def _told(wire: Wire, uri: str, known: Json) -> tuple[float, Json]:
    """When other findings than these are told of a file, and which."""
    while True:
        answer = wire.published(uri)
        found = answer.message["params"]["diagnostics"]
        if found != known:
            return answer.at, found


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1_000, 10_000])
