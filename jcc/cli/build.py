"""`jcc build`: artifacts in a folder."""

from __future__ import annotations

import argparse
import importlib.util
import re
from pathlib import Path

from jcc.cli.compiling import compile_paths
from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import complain, load
from jobcenter.artifact import Definition, to_json


def run(arguments: argparse.Namespace) -> int:
    project = load(arguments.paths)
    if project.problems:
        return USAGE
    compiled = compile_paths(project, project.named)
    if compiled is None:
        return FAILED
    folder = Path(arguments.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for definition in compiled:
            for file, content in outputs(definition).items():
                (folder / file).write_bytes(content)
                print(folder / file)
    except OSError as error:
        complain(f"cannot write {error.filename}: {(error.strerror or str(error)).lower()}")
        return USAGE
    return OK


def outputs(definition: Definition) -> dict[str, bytes]:
    """The files of a definition by name: the artifact, the rows and, for a workflow, the module and its bytecode."""
    from jcc.backend.emit_rows import rows_sql  # heavy: only where it is needed

    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", definition.name)
    files = {
        f"{stem}.json": (to_json(definition) + "\n").encode(),
        f"{stem}.sql": rows_sql([definition]).encode(),
    }
    if definition.module is not None:
        files[f"{stem}.py"] = definition.module.python.encode()
        # A .pyc of an unchecked hash (PEP 552): no time stamp, so that the bytes depend on the source alone.
        header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
        source_hash = importlib.util.source_hash(definition.module.python.encode())
        files[f"{stem}.pyc"] = header + source_hash + definition.module.bytecode
    return files
