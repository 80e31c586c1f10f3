"""`jcc run`: one file from text to output, with everything that it needs started and stopped around it."""

from __future__ import annotations

import argparse
import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jcc.cli.compiling import compile_paths
from jcc.cli.main import FAILED, NO_DATABASE, OK, USAGE
from jcc.cli.output import complain, load
from jcc.workspace import analysed
from jobcenter.artifact import Definition


def run(arguments: argparse.Namespace) -> int:
    project = load([arguments.file])
    if project.problems:
        return USAGE
    (path,) = project.named
    compiled = compile_paths(project, [path])
    if compiled is None:
        return FAILED
    # As the text has them: compiled they are in another order, callees first.
    names = [each.model.definition.name.text for each in analysed(project.workspace, path)]
    workflows = [d for d in compiled if d.path == path and d.kind == "workflow"]
    workflow = min(workflows, key=lambda d: names.index(d.name), default=None)
    if workflow is None:
        complain(f"{path} holds no workflow to run")
        return USAGE
    inputs = read_inputs(arguments.arguments or "{}", workflow)
    if inputs is None:
        return USAGE
    return _run(arguments, workflow, compiled, inputs)


def read_inputs(text: str, workflow: Definition) -> dict[str, Any] | None:
    """The inputs of a job out of JSON; None where they cannot be, which has been said. Types are the database's part."""
    try:
        inputs = json.loads(text)
    except json.JSONDecodeError as error:
        complain(
            f"the inputs are not JSON: {error.msg.lower()} at character {error.pos + 1}: {text}"
        )
        return None
    except RecursionError:
        complain("the inputs are nested too deep")
        return None
    except ValueError:  # what Python says of it is for programmers
        complain("the inputs hold a number of too many digits")
        return None
    if not isinstance(inputs, dict):
        complain(f'the inputs must be an object, such as {{"name": "value"}}: {text}')
        return None
    known = {entry.name: entry for entry in workflow.inputs}
    for name in inputs:
        if name not in known:
            complain(f"{workflow.name} has no input `{name}`; {_near(name, list(known))}")
            return None
    for name, entry in known.items():
        if name not in inputs and not entry.has_default:
            complain(f"{workflow.name} needs the input `{name}` ({entry.type})")
            return None
    return inputs


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return "its inputs are " + ", ".join(f"`{k}`" for k in known) if known else "it takes none"


def _run(
    arguments: argparse.Namespace,
    workflow: Definition,
    compiled: list[Definition],
    inputs: dict[str, Any],
) -> int:
    # The runtime is heavy, and all mistakes in the file and the inputs are told before it is needed.
    from jobcenter.database import connect
    from jobcenter.deploy import deploy
    from jobcenter.errors import (
        InvalidArguments,
        JobCenterError,
        JobError,
        JobTimeout,
        NoDatabase,
        UsageError,
    )
    from jobcenter.local import LocalStack

    try:
        with LocalStack(Path(arguments.file), arguments.dsn) as stack:
            with connect(stack.dsn) as connection:
                deploy(connection, compiled)
            output = stack.run_workflow(workflow.name, inputs, arguments.timeout)
    except NoDatabase as error:
        complain(str(error))
        return NO_DATABASE
    except JobError as error:
        print(json.dumps({"error": error.error}, ensure_ascii=False))
        return FAILED
    except JobTimeout as error:
        complain(str(error))
        return FAILED
    except (InvalidArguments, UsageError) as error:
        complain(str(error))
        return USAGE
    except JobCenterError as error:
        complain(str(error))
        return FAILED
    print(json.dumps(in_declared_order(output, workflow), ensure_ascii=False))
    return OK


def in_declared_order(output: dict[str, Any], workflow: Definition) -> dict[str, Any]:
    """The outputs as the workflow declares them, then the others (jsonb keeps no order)."""
    declared = [entry.name for entry in workflow.outputs if entry.name in output]
    return {name: output[name] for name in dict.fromkeys((*declared, *output))}
