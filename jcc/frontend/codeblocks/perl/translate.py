"""The translation of a Perl block: statements, and the way in."""

from __future__ import annotations

import re
from functools import partial

from jcc.diagnostics import Severity, code
from jcc.frontend.codeblocks.block import Setting, TranslatedBlock, facts_of
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.assignments import Assignments
from jcc.frontend.codeblocks.perl.loops import Sink
from jcc.frontend.codeblocks.perl.parser import parse
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.codeblocks.perl.state import Line, Loop
from jcc.source import Span

MAX_ARMS = 30
_CAPTURES = re.compile(r"\$\{?(?:[1-9]|&)")


def translate_perl(text: str, base: int, setting: Setting) -> TranslatedBlock:
    """A Perl block whose text begins at offset `base` of the JCL file, as Python."""
    body, found = parse(text, base)
    translator = _Statements(text, base, setting, bool(_CAPTURES.search(text)))
    translator.diagnostics.extend(found)
    translator.complete = all(one.severity < Severity.ERROR for one in found)
    translator.whole(body)
    lines = translator.lines or [Line(0, "pass", base)]
    names = [
        name
        for name, used in (("captures", translator.captures), ("positions", translator.positions))
        if used
    ]
    lines[:0] = [Line(0, f"{name} = {{}}", base) for name in names]
    uses = tuple(translator.uses)
    return TranslatedBlock(
        language="perl",
        statements=tuple("    " * line.indent + line.text for line in lines),
        origins=tuple(line.origin for line in lines),
        diagnostics=tuple(sorted(translator.diagnostics, key=lambda one: one.span)),
        facts=facts_of(uses, translator.complete),
        names=uses,
    )


class _Statements(Assignments):
    def whole(self, body: tuple[tree.Statement, ...]) -> None:
        """The whole block, by its role."""
        self.origin = self.base
        if not self.setting.gives_value:
            self.body(body, None)
            return
        if not body and not self.diagnostics:
            span = Span(self.base, self.base + len(self.text))
            self.diagnostics.append(code.BLOCK_VALUE.at(span))
        self.body(body, self._give)

    def _give(self, value: tree.Expression) -> None:
        if isinstance(value, tree.Leave):
            self.leave(value)
        else:
            self.emit(f"return {self.scalar(value)}")

    def body(self, statements: tuple[tree.Statement, ...], sink: Sink | None) -> None:
        with self.scope():
            for number, statement in enumerate(statements, start=1):
                mark = len(self.lines)
                try:
                    self.statement(statement, sink if number == len(statements) else None)
                except Unreadable as problem:
                    self.diagnostics.append(problem.diagnostic)
                    # What the statement would have read and written is not known.
                    self.complete = False
                    del self.lines[mark:]

    def statement(self, node: tree.Statement, sink: Sink | None) -> None:
        self.origin = node.span.start
        match node:
            case tree.Evaluate(value=value):
                if sink is None:
                    self.evaluate(value)
                else:
                    sink(value)
            case tree.If():
                self._if_statement(node, sink)
            case tree.Block(body=body):
                self.body(body, sink)
            case tree.While() | tree.Foreach():
                if sink is not None:
                    raise Unreadable(code.BLOCK_VALUE.at(node.span))
                with self.deeper(node.span), self.scope():
                    if isinstance(node, tree.While):
                        self._while(node)
                    else:
                        self._foreach(node)

    # -- if -------------------------------------------------------------------------------------------------------

    def _if_statement(self, node: tree.If, sink: Sink | None) -> None:
        if len(node.arms) > MAX_ARMS:
            raise Unreadable(code.BLOCK_LIMIT.at(node.span, problem="too long a chain of `elsif`"))
        condition, body = node.arms[0]
        if node.postfix and sink is not None and isinstance(last := body[0], tree.Evaluate):
            sink(tree.Logical(op="&&", left=condition, right=last.value, span=node.span))
            return
        with self.deeper(node.span), self.scope():
            self.emit(f"if {self.truth(condition)}:")
            with self.indented():
                self.body(body, sink)
            self._other_arms(node, 1, sink)

    def _other_arms(self, node: tree.If, number: int, sink: Sink | None) -> None:
        """`elsif` from arm `number` on, and `else`."""
        if number == len(node.arms):
            if node.otherwise is not None:
                self.emit("else:")
                with self.indented():
                    self.body(node.otherwise, sink)
            return
        condition, body = node.arms[number]
        with self.aside() as lines:
            test = self.truth(condition)
        if not lines:
            self.emit(f"elif {test}:")
            with self.indented():
                self.body(body, sink)
            self._other_arms(node, number + 1, sink)
            return
        self.emit("else:")
        self.lines.extend(lines)
        with self.indented():
            self.emit(f"if {test}:")
            with self.indented():
                self.body(body, sink)
            self._other_arms(node, number + 1, sink)

    # -- loops ----------------------------------------------------------------------------------------------------

    def _while(self, node: tree.While) -> None:
        loop = Loop(step=node.step, barrier=node.body_first)
        with self.loop(node.span, loop):
            if node.body_first:
                self.emit("while True:")
                with self.indented():
                    self.body(node.body, None)
                    self._leave_unless(node.condition)
                return
            with self.aside() as lines:
                test = "True" if node.condition is None else self._loop_condition(node.condition)
            self.emit("while True:" if lines else f"while {test}:")
            self.lines.extend(lines)
            with self.indented():
                if lines:
                    self.emit(f"if not {test}:")
                    self._indented("break")
                self.body(node.body, None)
                if node.step is not None:
                    self.evaluate(node.step)

    def _loop_condition(self, condition: tree.Expression) -> str:
        while isinstance(condition, tree.List) and len(condition.items) == 1:
            condition = condition.items[0]
        if isinstance(condition, tree.Match) and "g" in condition.flags:
            return self.match_next(condition)
        return self.truth(condition)

    def _leave_unless(self, condition: tree.Expression | None) -> None:
        if condition is not None:
            self.emit(f"if not {self.truth(condition)}:")
            self._indented("break")

    def _indented(self, text: str) -> None:
        with self.indented():
            self.emit(text)

    def _foreach(self, node: tree.Foreach) -> None:
        if node.second is not None:
            self._each_pair(node, node.second)
            return
        items = node.items.items if isinstance(node.items, tree.List) else (node.items,)
        name = "_" if node.variable is None else node.variable.name
        self.over(items, name, partial(self.body, node.body, None), Loop(), node.span)

    def _each_pair(self, node: tree.Foreach, second: tree.Variable) -> None:
        """`while (my ($key, $value) = each %h)`"""
        if node.variable is None or not isinstance(node.items, tree.Call):
            return
        holder = self.keep(self.container(node.items.arguments[0], "hash"))
        with self.loop(node.span, Loop()):
            key = self.declare("$", node.variable.name).name
            value = self.declare("$", second.name).name
            self.emit(f"for {key} in pl_keys({holder}):")
            with self.indented():
                self.emit(f"{value} = op_get({holder}, {key})")
                self.body(node.body, None)
