"""Starts the server: on the standard streams, or on a TCP port for one client after the other."""

from __future__ import annotations

import socket
import sys

from jcc_lsp.handlers import ALL
from jcc_lsp.server import JclServer


def create_server() -> JclServer:
    """A server with all its handlers."""
    server = JclServer()
    for module in ALL:
        module.register(server)
    return server


def serve_stdio() -> int:
    """Serve the client on standard input and output; the exit status that the protocol wants."""
    # The interpreter's end waits for who reads `sys.stdin`, and the reading thread may never come back.
    with open(sys.stdin.fileno(), "rb", closefd=False) as reader:
        writer = sys.stdout.buffer
        # Whatever prints by mistake must not get between the messages.
        sys.stdout = sys.stderr
        return create_server().serve(reader, writer)


def serve_tcp(host: str, port: int) -> int:
    """Serve clients that connect, one at a time, until interrupted. Port 0 takes any that is free; it is said on standard error.
    Raises OSError where the port cannot be had."""
    with socket.create_server((host, port)) as listener:
        where = listener.getsockname()
        print(f"jcc lsp: listening on {where[0]}:{where[1]}", file=sys.stderr, flush=True)
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as reader, connection.makefile("wb") as out:
                create_server().serve(reader, out)
