"""From a module's Python to its functions: compiled under the policy, loaded into a namespace of its own.

The namespace is fresh for each load, and nothing in it can be changed by the code: there are functions only, no
`global`, and no object that outlives a call. So what one job did is never seen by another.
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any, Final, TypeAlias

from jobcenter.artifact import Module
from jobcenter.sandbox.builtins import BUILTINS
from jobcenter.sandbox.errors import Finding, SandboxRejected
from jobcenter.sandbox.functions import ALIASES, FUNCTIONS
from jobcenter.sandbox.guards import GUARDS
from jobcenter.sandbox.limits import MODULE_NAME, SOURCE
from jobcenter.sandbox.native import is_native
from jobcenter.sandbox.operations import OPERATIONS
from jobcenter.sandbox.perl import PERL
from jobcenter.sandbox.policy import Policy

Function: TypeAlias = Callable[..., Any]

# What code may name.
NAMES: Final[Mapping[str, Function]] = {
    **OPERATIONS,
    **{f"fn_{name}": function for name, function in FUNCTIONS.items()},
    **FUNCTIONS,
    **{alias: FUNCTIONS[name] for alias, name in ALIASES.items()},
    **BUILTINS,
    **PERL,
}


def compile_module(python: str, filename: str) -> CodeType:
    """The code of a module. Raises SandboxRejected with all that the policy refuses in it."""
    tree = _parsed(python, filename)
    findings = [*_strangers(tree), *_rewrite(tree)]
    if findings:
        raise SandboxRejected(tuple(sorted(set(findings))))
    ast.fix_missing_locations(tree)
    with _reading():
        code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
    return code


def load_module(module: Module | CodeType) -> Mapping[str, Function]:
    """The functions of a module, by name. Bytecode of another Python is never looked at (it would crash this one):
    the module's Python is compiled again, which raises SandboxRejected where this version refuses it."""
    code = module if isinstance(module, CodeType) else _code(module)
    namespace: dict[str, Any] = {
        **NAMES,
        **GUARDS,
        "__builtins__": {},
        "__name__": MODULE_NAME,
    }
    before = set(namespace)
    exec(code, namespace)
    return {name: value for name, value in namespace.items() if name not in before}


def _code(module: Module) -> CodeType:
    if module.magic != importlib.util.MAGIC_NUMBER:
        return compile_module(module.python, "<jcl>")
    code = marshal.loads(module.bytecode)
    if not isinstance(code, CodeType):
        raise SandboxRejected(((1, "the module's bytecode is no code"),))
    return code


def _parsed(python: str, filename: str) -> ast.Module:
    if len(python) > SOURCE:
        raise SandboxRejected(((1, f"a module of more than {SOURCE:,} characters"),))
    with _reading():
        return ast.parse(python, filename)


@contextmanager
def _reading() -> Iterator[None]:
    """Turns what Python refuses into SandboxRejected. Python's warnings are no reason to refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except SyntaxError as error:
            found = (error.lineno or 1, f"cannot be read: {error.msg}")
            raise SandboxRejected((found,)) from None
        except (ValueError, RecursionError, MemoryError):
            raise SandboxRejected(
                ((1, "the code cannot be read: too deep, or with NUL"),)
            ) from None


def _strangers(tree: ast.Module) -> list[Finding]:
    """The names that are used and bound nowhere."""
    known = set(NAMES)
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name)
            ):
                known.add(name)
            case _:
                pass
    return [
        (node.lineno, f"there is no name `{node.id}`")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id not in known
    ]


def _rewrite(tree: ast.Module) -> list[Finding]:
    """Puts the functions that are not native under guard. Gives what is refused."""
    findings: list[Finding] = []
    functions = []
    for node in tree.body:
        match node:
            case ast.FunctionDef():
                functions.append(node)
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                findings.append((node.lineno, "a module holds functions and nothing else"))
    findings += _taken_names(functions)
    blocks = frozenset(each.name for each in functions if not is_native(each, frozenset()))
    for function in functions:
        if not is_native(function, blocks):
            findings += _guard(function)
    return findings


def _taken_names(functions: list[ast.FunctionDef]) -> Iterator[Finding]:
    """A function's name is nobody else's: what is native calls its neighbours and the operations by their names."""
    seen = {*NAMES, *GUARDS}
    for function in functions:
        if function.name in seen or function.name.startswith("_"):
            yield function.lineno, f"a function cannot be named `{function.name}` here"
        seen.add(function.name)


def _guard(function: ast.FunctionDef) -> list[Finding]:
    policy = Policy()
    used = sorted(_mentioned(function))
    if function.args.defaults:
        policy.error(function, "a default value is not allowed here: it would outlive the call")
    try:
        policy.visit(function)
    except RecursionError:
        policy.error(function, "the code is nested too deeply")
    decorator = ast.Call(ast.Name("_block_", ast.Load()), [ast.Constant(name) for name in used], [])
    function.decorator_list = [ast.copy_location(decorator, function)]
    return policy.findings


def _mentioned(function: ast.FunctionDef) -> set[str]:
    """The parameters that the function's code names."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return names & {argument.arg for argument in function.args.args}
