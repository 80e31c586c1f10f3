"""`jcc lsp`"""

from __future__ import annotations

import argparse

from jcc.cli.main import FAILED, USAGE
from jcc.cli.output import complain


def run(arguments: argparse.Namespace) -> int:
    try:
        # Its libraries take a third of a second to load, and are an extra of the installation.
        from jcc_lsp.start import serve_stdio, serve_tcp
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        complain(f"the language server needs {error.name}: pip install 'jobcenter-jcc[lsp]'")
        return USAGE
    if arguments.tcp is None:
        return serve_stdio()
    host, port = arguments.tcp
    try:
        return serve_tcp(host, port)
    except OSError as error:
        complain(f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}")
        return FAILED
