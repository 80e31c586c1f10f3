"""The URIs of files and their paths. What is no file (`untitled:`) goes by its URI."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def path_of(uri: str) -> str:
    """The absolute path of a `file:` URI; any other URI as it is."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = f"//{parts.netloc}{path}" if parts.netloc else path.removeprefix("/")
        return str(Path(path))
    return os.path.normpath(path)


def uri_of(path: str) -> str:
    return Path(path).as_uri() if os.path.isabs(path) else path
