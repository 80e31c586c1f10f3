"""The process that the attacks run in: has little memory, takes a module a line, and says how each one ended.

Run as a program with the folder of `jobcenter` on its path. Answers `rejected`, the class of the JclError, `survived`
for code that did what it wanted, or `leaked` with the exception that no code of a job may raise.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from jobcenter.artifact import Json
from jobcenter.sandbox import (
    JclError,
    SandboxRejected,
    check_storable,
    compile_module,
    load_module,
    run,
)

MEMORY = 1_500_000_000


def attack(python: str) -> tuple[str, str]:
    """How the attack ended, and the message of the error."""
    state: dict[str, Json] = {"list": [1, 2, 3], "s": "abc", "n": 5}
    try:
        task = load_module(compile_module(python, "<attack>"))["task_1_eval"]
        run(task, {}, {}, state, {})
        check_storable(state)
    except SandboxRejected as refused:
        return "rejected", str(refused)
    except JclError as error:
        return error.error_class, error.msg
    except BaseException as error:
        return "leaked", f"{type(error).__name__}: {error}"
    return "survived", ", ".join(state)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        began = time.process_time()
        end, message = attack(json.loads(line))
        seconds = time.process_time() - began
        print(json.dumps({"end": end, "message": message, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
