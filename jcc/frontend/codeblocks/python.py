"""Python blocks: read by Python's own parser, checked, and handed on as they stand but for a `return`.

Reading and writing the objects of the job (`v.a.b = 1` makes what lies on the way) is the sandbox's business: it
rewrites every attribute, subscript and operator when the module is compiled."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, code
from jcc.frontend.codeblocks.block import Setting, TranslatedBlock, facts_of
from jcc.frontend.codeblocks.python_check import Check
from jcc.frontend.codeblocks.python_scopes import Scopes, scopes_of
from jcc.frontend.codeblocks.python_text import Edit, PythonText, python_text
from jcc.frontend.codeblocks.python_uses import Uses

# Below what Python's parser, the sandbox and the code generator can take.
MAX_BRACKETS = 60
MAX_DEPTH = 60
MAX_RUN = 60

_PLACE = re.compile(r" \(detected at line \d+\)| on line \d+")
_QUOTED = re.compile(r"'([^']+)'")
# What native code and Perl write differently.
_HELP = (
    (re.compile(r"&&"), "write `and`"),
    (re.compile(r"\|\|"), "write `or`"),
    (re.compile(r"\b(?:eq|ne|lt|gt|le|ge)\b"), "strings are compared by `==`, `<`, …"),
    (re.compile(r"[=~]~"), "patterns are asked by `matches(text, pattern)`"),
    (re.compile(r"^\s*!|[(=,]\s*!(?!=)"), "write `not`"),
    (re.compile(r"\?.*:"), "write `x if condition else y`"),
    (re.compile(r"\.="), "strings are joined by `+=`"),
    (re.compile(r"\}\s*els|\)\s*\{"), "a block of Perl is written `[perl[ … ]perl]`"),
)


def translate_python(block: str, start: int, setting: Setting) -> TranslatedBlock:
    """A Python block whose text begins at offset `start` of the JCL file."""
    text = python_text(block, start)
    tree, found = read_python(text)
    if tree is None:
        return TranslatedBlock("python", ("pass",), (start,), tuple(found), facts_of((), False), ())
    scopes = scopes_of(tree)
    check = Check(text, setting, scopes)
    uses = Uses(text, setting, scopes, check.written)
    check.all(tree)
    uses.visit(tree)
    if not check.found:
        check.found += _compile_error(text, tree)
    edits = list(_flattened(text, check))
    edits += _returns(tree.body, text, check) if setting.gives_value else ()
    if setting.gives_value and not tree.body:
        check.found.append(code.BLOCK_VALUE.at(text.span(0, len(text.python))))
    _bindings(scopes, check, setting)
    lines, origins = text.edited(edits)
    names = tuple(uses.uses)
    return TranslatedBlock(
        language="python",
        statements=lines if tree.body else ("pass",),
        origins=origins if tree.body else (start,),
        diagnostics=tuple(sorted(check.found, key=lambda one: one.span)),
        facts=facts_of(names, uses.complete),
        names=names,
    )


# -- reading ------------------------------------------------------------------------------------------------------


def read_python(text: PythonText) -> tuple[ast.Module | None, list[Diagnostic]]:
    """The tree of a block's text; None where it cannot be read, and what is wrong with it."""
    if text.surface.depth > MAX_BRACKETS or text.surface.run > MAX_RUN:
        return None, [_too_deep(text)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.python)
    except SyntaxError as error:
        return None, [_syntax_error(text, error)]
    except (ValueError, RecursionError, MemoryError):
        return None, [_too_deep(text)]
    return (None, [_too_deep(text)]) if _is_deep(tree) else (tree, [])


def _compile_error(text: PythonText, tree: ast.Module) -> list[Diagnostic]:
    """What Python finds only when it compiles: a `break` outside of a loop, a parameter named twice."""
    module = ast.parse("def block(): pass")
    function = module.body[0]
    if not isinstance(function, ast.FunctionDef) or not tree.body:
        return []
    function.body = tree.body
    try:
        compile(module, "<block>", "exec")
    except SyntaxError as error:
        return [_syntax_error(text, error)]
    except (ValueError, RecursionError, MemoryError):
        return [_too_deep(text)]
    return []


def _too_deep(text: PythonText) -> Diagnostic:
    span = text.span(0, len(text.python))
    return code.BLOCK_LIMIT.at(span, problem="nested too deeply")


def _is_deep(tree: ast.AST) -> bool:
    """Is the tree too deep for those who walk it recursively? `a and b and c` counts as nested here."""
    level = [tree]
    for _ in range(MAX_DEPTH):
        if any(isinstance(node, ast.BoolOp) and len(node.values) > MAX_RUN for node in level):
            return True
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _syntax_error(text: PythonText, error: SyntaxError) -> Diagnostic:
    line = max(1, error.lineno or 1)
    start = text.starts[min(line, len(text.starts)) - 1] + max(0, (error.offset or 1) - 1)
    start = min(start, len(text.python))
    end = start + 1
    if error.end_lineno == error.lineno and error.end_offset and error.offset:
        end = max(end, start + error.end_offset - error.offset)
    message = _QUOTED.sub(r"`\1`", _PLACE.sub("", error.msg))
    end_of_line = text.python.find("\n", start)
    shown = text.python[text.starts[min(line, len(text.starts)) - 1] :].split("\n", 1)[0]
    help = next((help for pattern, help in _HELP if pattern.search(shown)), None)
    if error.msg == "'[' was never closed":
        help = "the first `]]` ends a block: write `[x[ … ]x]` where the code has one itself"
    if end_of_line >= 0:
        end = min(end, max(end_of_line, start))
    return code.BLOCK_SYNTAX.at(
        text.span(start, min(end, len(text.python))),
        problem=message[:1].lower() + message[1:],
        help=help,
    )


# -- the value ----------------------------------------------------------------------------------------------------


def _returns(body: list[ast.stmt], text: PythonText, check: Check) -> Iterator[Edit]:
    """`return ` before the expressions that may come last."""
    if not body:
        return
    match body[-1]:
        case ast.Expr() as last:
            at = text.at(last.lineno, last.col_offset)
            # The parentheses around an expression are no part of it in the tree.
            yield Edit(_statement_start(text, at), _statement_start(text, at), "return ")
        case ast.If(body=then, orelse=orelse):
            yield from _returns(then, text, check)
            yield from _returns(orelse, text, check)
        case ast.Return():
            pass
        case last:
            check.found.append(code.BLOCK_VALUE.at(check.span(last)))


def _statement_start(text: PythonText, at: int) -> int:
    """Where the statement begins whose expression stands at `at`: before its opening parentheses."""
    while at > 0 and (before := text.python[:at].rstrip(" \n\t\\"))[-1:] == "(":
        at = len(before) - 1
    return at


# -- strings over several lines -----------------------------------------------------------------------------------


def _flattened(text: PythonText, check: Check) -> Iterator[Edit]:
    """Strings over several lines on one line: the code is indented once more, and what is in strings must not be."""
    for start, end in text.surface.strings:
        token = text.python[start:end]
        prefix = token[: token.index(token[-1])].lower()
        if "f" not in prefix:
            yield Edit(start, end, repr(ast.literal_eval(token)))
            continue
        edited = token.replace("\\\n", "").replace("\n", "\\n")
        if "r" in prefix or not _reads_alike(token, edited):
            span = text.span(start, end)
            check.found.append(
                code.PYTHON_CONSTRUCT.at(
                    span, construct="this f-string over several lines", help="join its lines by `+`"
                )
            )
        yield Edit(start, end, edited)


def _reads_alike(before: str, after: str) -> bool:
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


# -- variables ----------------------------------------------------------------------------------------------------


def _bindings(scopes: Scopes, check: Check, setting: Setting) -> None:
    """Say which objects the block would replace rather than change, and which of its variables nobody reads."""
    for name, node in scopes.outer:
        span = check.span(node)
        if name in setting.readable:
            help = f"write `{name}.key = …`, or `{name}.update(…)`"
            if name not in setting.writable:
                help = "choose another name for the variable"
            check.found.append(code.PYTHON_REBOUND.at(span, letter=name, help=help))
    for variable in scopes.assigned:
        name = variable.id
        if name not in scopes.used and name not in setting.readable and name != "_":
            implicit = setting.implicit
            settable = implicit and implicit in setting.writable
            advice = f"`{implicit}.{name} = …` sets it in the job" if settable else None
            check.found.append(code.PYTHON_UNUSED.at(check.span(variable), name=name, help=advice))
