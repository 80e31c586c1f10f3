"""Runs `jcc` as a program of its own, so that nothing it does holds up the server. Knows nothing of the protocol."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = (sys.executable, "-c", "import sys; from jcc.cli import main; sys.exit(main())")
_GRACE = 15.0  # seconds for the program to stop what it has started
_PIECE = 65536  # bytes that are read at once


@dataclass(frozen=True, slots=True)
class Ended:
    """What a program printed, and its exit status."""

    status: int
    output: str
    messages: str


async def run_jcc(arguments: Sequence[str], folder: Path, told: Callable[[str], None]) -> Ended:
    """Run `jcc ARGUMENTS` in a folder; `told` gets each line that it says on the way. When this is cancelled the program is
    interrupted, as by Ctrl-C, and waited for."""
    process = await asyncio.create_subprocess_exec(
        *_PROGRAM,
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    messages = _Lines(told)
    try:
        output, _ = await asyncio.gather(process.stdout.read(), messages.take(process.stderr))
        status = await process.wait()
    except asyncio.CancelledError:
        await _stop(process)
        raise
    return Ended(status, output.decode(errors="replace"), "\n".join(messages.all))


class _Lines:
    """Lines as they come, however long they are."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.all: list[str] = []
        self._told = told

    async def take(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while piece := await stream.read(_PIECE):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._tell(line)
        if rest:
            self._tell(rest)

    def _tell(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.all.append(text)
        self._told(text)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """As by Ctrl-C; what does not end in time is killed."""
    if process.returncode is not None:
        return
    if os.name == "nt":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), _GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()
