"""The variables that a Perl block declares by `my`: each mention with the declaration that it means. For editors alone, as
`python_locals`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields

from jcc.diagnostics import Severity
from jcc.frontend.codeblocks.block import Local
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.parser import parse
from jcc.source import Span

_SIGIL = re.compile(r"\s*[$@%]#?\{?\s*")


def locals_of(block: str, start: int) -> tuple[Local, ...]:
    """The mentions of its own variables in a Perl block that begins at offset `start` of the file, in the order of the text; those
    without a place first. None in a block that cannot be read to its end."""
    body, found = parse(block, start)
    if any(one.severity is Severity.ERROR for one in found):
        return ()
    walk = _Walk(block, start)
    walk.statements(body)
    return tuple(sorted(walk.found, key=lambda one: one.span or Span(0, 0)))


class _Walk:
    """Goes through a block as it runs: a name means the last `my` before it, of the blocks around it."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._start = start
        self._scopes: list[dict[tuple[str, str], int]] = [{}]
        self._declared = 0
        self.found: list[Local] = []

    @contextmanager
    def _scope(self) -> Iterator[None]:
        self._scopes.append({})
        yield
        self._scopes.pop()

    def statements(self, body: Iterable[tree.Node]) -> None:
        with self._scope():
            self._all(body)

    def _all(self, nodes: Iterable[object]) -> None:
        for node in nodes:
            if isinstance(node, tree.Node):
                self._node(node)
            elif isinstance(node, tuple):
                self._all(node)

    def _node(self, node: tree.Node) -> None:
        match node:
            case tree.Variable():
                self._mention(node, False)
            case tree.My(variables=variables):
                for variable in variables:
                    self._declare(variable)
            case tree.Assignment(target=target, value=value):
                self._node(value)
                if isinstance(target, tree.Variable):
                    self._mention(target, True)
                else:
                    self._node(target)
            case tree.Increment(target=tree.Variable() as target):
                self._mention(target, True)
            case tree.If(arms=arms, otherwise=otherwise, postfix=postfix):
                with self._scope():
                    for condition, body in arms:
                        self._node(condition)
                        self._all(body) if postfix else self.statements(body)
                    self.statements(otherwise or ())
            case tree.While(condition=condition, body=body, step=step):
                with self._scope():
                    self._all((condition,))
                    self.statements(body)
                    self._all((step,))
            case tree.Foreach(variable=variable, items=items, body=body, second=second):
                self._node(items)
                with self._scope():
                    self._declare(variable)
                    self._declare(second)
                    self.statements(body)
            case tree.Block(body=body):
                self.statements(body)
            case tree.Call(arguments=arguments, block=body):
                self._all(arguments)
                self.statements(body or ())
            case _:
                self._all(getattr(node, field.name) for field in fields(node))

    def _declare(self, variable: tree.Variable | None) -> None:
        if variable is not None:
            self._declared += 1
            self._scopes[-1][variable.sigil, variable.name] = self._declared
            self._mention(variable, True)

    def _mention(self, variable: tree.Variable, write: bool) -> None:
        for scope in reversed(self._scopes):
            number = scope.get((variable.sigil, variable.name))
            if number is not None:
                self.found.append(Local(variable.name, number, self._place(variable), write))
                return

    def _place(self, variable: tree.Variable) -> Span | None:
        sigil = _SIGIL.match(self._text, variable.span.start - self._start)
        if sigil is None or not self._text.startswith(variable.name, sigil.end()):
            return None
        start = self._start + sigil.end()
        return Span(start, start + len(variable.name))
