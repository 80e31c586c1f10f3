"""Starts the server: on the standard streams, or on a TCP port for one client after the other."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from contextlib import suppress

from pygls.exceptions import JsonRpcException, JsonRpcInternalError

from jcc_lsp.handlers import ALL
from jcc_lsp.server import JclServer


def create_server() -> JclServer:
    """A server with all its handlers."""
    server = JclServer()
    for module in ALL:
        module.register(server)
    return server


def prepare_process() -> None:
    """Set the interpreter up for short answers."""
    quiet_log()
    # The reading thread must not wait long for a computation that it may be going to cancel.
    sys.setswitchinterval(0.0005)
    # Trees and answers hold no cycles: to look through all of them, as often as they grow, takes a tenth of a second each time.
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)


def quiet_log() -> None:
    """Have pygls log what goes wrong, and not what is answered as the protocol wants it: refused, cancelled, unknown."""
    log = logging.getLogger("pygls")
    log.setLevel(logging.ERROR)
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_unexpected)


def _is_unexpected(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, JsonRpcException) or isinstance(error, JsonRpcInternalError)


def serve_stdio() -> int:
    """Serve the client on standard input and output; the exit status that the protocol wants."""
    # The interpreter's end waits for who reads `sys.stdin`, and the reading thread may never come back.
    with open(sys.stdin.fileno(), "rb", closefd=False) as reader:
        writer = sys.stdout.buffer
        # Whatever prints by mistake must not get between the messages.
        sys.stdout = sys.stderr
        prepare_process()
        return create_server().serve(reader, writer)


def serve_tcp(host: str, port: int) -> int:
    """Serve clients that connect, one at a time, until interrupted. Port 0 takes any that is free; it is said on standard error.
    Raises OSError where the port cannot be had."""
    with socket.create_server((host, port)) as listener:
        prepare_process()
        where = listener.getsockname()
        print(f"jcc lsp: listening on {where[0]}:{where[1]}", file=sys.stderr, flush=True)
        while True:
            connection, _ = listener.accept()
            # One that is cut must not keep the next client waiting.
            with (
                suppress(ConnectionError),
                connection,
                connection.makefile("rb") as reader,
                connection.makefile("wb") as out,
            ):
                create_server().serve(reader, out)
