"""Finds a Worker by its name, `MODULE:NAME`, as on the command line and in jobcenter.toml."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

from jobcenter.errors import UsageError
from jobcenter.worker import Worker


def load_worker(name: str, folder: Path) -> Worker:
    """Imports MODULE with `folder` first on the path. Raises UsageError; the message says where it went wrong."""
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise UsageError(
            f"`{name}` does not name a worker: write MODULE:WORKER, such as workers:worker"
        )
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name + ".").startswith(error.name + "."):
            raise UsageError(f"there is no module `{error.name}` in {folder}") from None
        raise UsageError(_failed(module_name, error)) from error
    except Exception as error:
        raise UsageError(_failed(module_name, error)) from error
    match getattr(module, attribute, None):
        case Worker() as worker:
            return worker
        case None:
            raise UsageError(f"module `{module_name}` has no `{attribute}`")
        case other:
            raise UsageError(f"`{name}` is a {type(other).__name__}, not a jobcenter.Worker")


def _failed(module: str, error: Exception) -> str:
    """The error and the line of the user's code that it came from. A SyntaxError says itself where that is."""
    frames = [] if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"module `{module}` cannot be imported: {type(error).__name__}: {error}{place}"
