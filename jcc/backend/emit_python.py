"""The module of a workflow: one small Python function for each piece of code of its tasks, and the source map.

The statements' text is `emit_map`'s or, for code blocks, the translator's; their form is `python_function`'s. What is
compiled from it and how it is stored lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jcc.backend import ir
from jcc.backend.code import (
    Code,
    child_code,
    child_function,
    lock_function,
    task_code,
    task_function,
)
from jcc.backend.emit_map import IMPLICIT, Lines, emit_items, emit_value
from jcc.backend.printable import printable
from jcc.backend.python_function import (
    PARAMETERS,
    FunctionText,
    Statements,
    function_text,
)
from jcc.diagnostics import Diagnostic, Severity
from jcc.frontend import ast
from jcc.frontend.codeblocks.block import TranslatedBlock
from jcc.source import Source, Span

_HEADER = "# The code of workflow {name}. Above each statement is the line of JCL that it was made from.\n"
Translate = Callable[[ast.CodeBlock, str, str, str], TranslatedBlock]


@dataclass(frozen=True, slots=True)
class GeneratedModule:
    """`source_map` pairs the lines of `python` that have one with their line of JCL. With `errors` (of code blocks)
    it is not fit to run."""

    python: str
    source_map: tuple[tuple[int, int], ...]
    errors: tuple[Diagnostic, ...] = ()


def emit_module(graph: ir.TaskGraph, source: Source, translate: Translate) -> GeneratedModule:
    """The Python of a workflow whose text is `source`; `translate` is for its code blocks. Raises InternalError for a
    broken tree."""
    emitter = _Emitter(source, translate)
    for number, lock in enumerate(graph.locks, start=1):
        if lock.value is not None:
            emitter.function(lock_function(number), Code("value", lock.value), lock.span)
    for task in graph.tasks:
        for name, code, span in _pieces(task):
            emitter.function(name, code, span)
    return emitter.module(graph.name)


def _pieces(task: ir.Task) -> Iterator[tuple[str, Code, Span]]:
    """The functions of a task: name, what is in it, and the place of the statement that it belongs to."""
    for code in task_code(task.work):
        yield task_function(task, code.role), code, task.span
    if isinstance(task.work, ir.Split):
        for number, child in enumerate(task.work.children, start=1):
            for code in child_code(child):
                yield child_function(task, number, code.role), code, child.span


class _Emitter:
    """Collects the functions of one module."""

    def __init__(self, source: Source, translate: Translate) -> None:
        self._source = source
        self._translate = translate
        self._functions: list[FunctionText] = []
        self._errors: list[Diagnostic] = []

    def function(self, name: str, code: Code, span: Span) -> None:
        """Add the function for a piece of code; the functions of code blocks inside it come before it."""
        blocks = 0

        def block(node: ast.CodeBlock) -> str:
            nonlocal blocks
            blocks += 1
            inner = f"{name}_block_{blocks}"
            # An expression sees what is there around it: in an output map `o` and `t` too.
            body = self._block(node, "value", PARAMETERS[code.role])
            self._add(inner, code.role, node.span, [body])
            return f"{inner}({PARAMETERS[code.role]})"

        match code.body:
            case ast.Map(block=whole, items=items):
                if whole is not None:
                    body = [self._block(whole, code.role, PARAMETERS[code.role])]
                else:
                    body = [self._native(lines) for lines in emit_items(items, code.role, block)]
            case expression:
                body = [self._native(emit_value(expression, code.convert, block))]
        self._add(name, code.role, span, body)

    def module(self, workflow: str) -> GeneratedModule:
        """All functions so far as one module."""
        text = [_HEADER.format(name=printable(workflow))]
        lines: list[int | None] = [None]
        for function in self._functions:
            text.append(function.text)
            lines.extend(function.lines)
        pairs = ((python, jcl) for python, jcl in enumerate(lines, start=1) if jcl is not None)
        return GeneratedModule("".join(text), tuple(pairs), tuple(self._errors))

    def _native(self, lines: Lines) -> Statements:
        line = self._line(lines.span.start)
        count = lines.text.count("\n") + 1
        return Statements(lines.text, (line,) * count, self._quoted(line))

    def _block(self, block: ast.CodeBlock, role: str, parameters: str) -> Statements:
        readable = parameters.replace(", ", "")
        translated = self._translate(block, role, IMPLICIT.get(role, ""), readable)
        self._errors += (d for d in translated.diagnostics if d.severity >= Severity.ERROR)
        first, last = self._line(block.span.start), self._line(block.span.end)
        comment = self._quoted(first) if first == last else f"{first} to {last}: a code block"
        lines = [self._line(origin) for origin in translated.origins]
        return Statements("\n".join(translated.statements), lines, comment, foreign=True)

    def _add(self, name: str, role: str, span: Span, body: list[Statements]) -> None:
        line = self._line(span.start)
        self._functions.append(function_text(name, role, line, self._quoted(line), body))

    def _line(self, offset: int) -> int:
        return self._source.position(offset).line

    def _quoted(self, line: int) -> str:
        return f"{line}: {self._source.line_text(line).strip()}"
