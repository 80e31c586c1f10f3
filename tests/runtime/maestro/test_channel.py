"""Messages to a child process and back."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from jobcenter.channel import Channel

ECHO = "import os\nwhile data := os.read(0, 65536):\n    os.write(1, data)"


@pytest.mark.parametrize("sizes", [[1, 2, 3], [3_000_000, 1, 3_000_000]])
def test_what_is_sent_comes_in_its_order_to_the_last_byte(sizes: list[int]) -> None:
    """More than a pipe holds, too; and then the end."""
    sent = b"".join(bytes([number + 65]) * size for number, size in enumerate(sizes))
    received = bytearray()

    async def converse() -> None:
        lost = asyncio.Event()
        channel = Channel(received.extend, lost.set)
        process = subprocess.Popen(
            [sys.executable, "-c", ECHO], stdin=channel.stdin, stdout=channel.stdout
        )
        channel.given()
        try:
            async with asyncio.timeout(20):
                for number, size in enumerate(sizes):
                    channel.send(bytes([number + 65]) * size)
                while len(received) < len(sent):
                    await asyncio.sleep(0.01)
                channel.end_input()
                await lost.wait()
        finally:
            channel.close()
            process.wait(20)

    asyncio.run(converse())
    assert bytes(received) == sent


def test_what_is_sent_to_one_that_is_gone_is_dropped_and_its_end_is_told() -> None:
    async def converse() -> None:
        lost = asyncio.Event()
        channel = Channel(lambda data: None, lost.set)
        channel.given()
        channel.send(b"x" * 100_000)
        async with asyncio.timeout(20):
            await lost.wait()
        channel.send(b"more")
        channel.close()
        channel.close()
        channel.send(b"too late")

    asyncio.run(converse())
