"""The sandbox: compiles and loads the generated code of workflows, and runs it within limits.

`compile_module` and `load_module` make functions of a module's Python; `run` calls one with a fresh budget, and is the
only way to call one: whatever goes wrong comes out as JclError. `check_storable` is asked before a value is written.
`operations`, `functions` and `builtins` are what the code may use; `policy` and `native` decide what it may be.
"""

from jobcenter.sandbox.errors import Finding, JclError, SandboxRejected
from jobcenter.sandbox.functions import ALIASES, FUNCTIONS
from jobcenter.sandbox.limits import FUEL, run
from jobcenter.sandbox.methods import METHOD_NAMES
from jobcenter.sandbox.module import NAMES, compile_module, load_module
from jobcenter.sandbox.operations import OPERATIONS
from jobcenter.sandbox.trees import check_storable

__all__ = [
    "ALIASES",
    "FUEL",
    "FUNCTIONS",
    "METHOD_NAMES",
    "NAMES",
    "OPERATIONS",
    "Finding",
    "JclError",
    "SandboxRejected",
    "check_storable",
    "compile_module",
    "load_module",
    "run",
]
