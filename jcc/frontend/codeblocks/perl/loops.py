"""Loops over lists: `map`, `grep`, `sort`, and what `for` shares with them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.contexts import holds_places, is_array
from jcc.frontend.codeblocks.perl.matching import TOPIC, Matching
from jcc.frontend.codeblocks.perl.state import Loop
from jcc.source import Span

Sink = Callable[[tree.Expression], None]


class Loops(Matching):
    @abstractmethod
    def truth(self, node: tree.Expression) -> str:
        """A node as what a Python `if` asks for."""

    @abstractmethod
    def body(self, statements: tuple[tree.Statement, ...], sink: Sink | None) -> None:
        """Emit statements; `sink` gets the expression that is the last one's value."""

    def expect_arguments(
        self, node: tree.Call, arguments: tuple[tree.Expression, ...], least: int, most: int | None
    ) -> None:
        if len(arguments) < least or (most is not None and len(arguments) > most):
            count = str(least) if least == most else f"{least} to {most}" if most else "more"
            raise self.outside(
                f"`{node.name}` with {len(arguments)} arguments",
                node.name_span,
                f"`{node.name}` takes {count}",
            )

    def map_or_grep(self, node: tree.Call) -> str:
        """`map` and `grep`: a loop before the statement, which fills a list."""
        block, source = node.block, node.arguments
        if block is None:
            self.expect_arguments(node, node.arguments, 1, None)
            block = (tree.Evaluate(value=source[0], span=source[0].span),)
            source = source[1:]
        made = self.temporary()
        self.emit(f"{made} = []")

        def take(value: tree.Expression) -> None:
            if node.name == "map":
                self.emit(f"pl_push({made}, {self.items(value)})")
                return
            self.emit(f"if {self.truth(value)}:")
            with self.indented():
                self.emit(f"pl_push({made}, [{self.scalar(topic)}])")

        topic = tree.Variable(sigil="$", name=TOPIC, span=node.span)
        self.over(source, TOPIC, partial(self.body, block, take), Loop(barrier=True), node.span)
        return made

    def over(
        self,
        source: tuple[tree.Expression, ...],
        variable: str,
        body: Callable[[], None],
        loop: Loop,
        span: Span,
    ) -> None:
        """A loop over the items of `source`. Writing its variable writes the item of the array it came from."""
        items = self.keep(self.items(tree.List(items=source, span=span)))
        place = len(source) == 1 and is_array(source[0])
        index = self.temporary()
        with self.scope(), self.loop(span, loop):
            binding = self.declare("$", variable)
            if place:
                binding.array, binding.index = items, index
            with self.apart() as lines, self.indented():
                body()
        counted = place and binding.written
        if binding.written and not place and any(holds_places(one) for one in source):
            raise self.outside(
                "changing the items of several arrays or of a hash in a loop",
                span,
                "loop over the keys or indexes and assign to the elements",
            )
        if counted:
            self.emit(f"{index} = -1")
        self.emit(f"for {binding.name} in {items}:")
        if counted:
            with self.indented():
                self.emit(f"{index} = {index} + 1")
        self.lines.extend(lines)

    def sorted_list(self, node: tree.Call) -> str:
        items = partial(self.items, tree.List(items=node.arguments, span=node.span))
        if node.block is None:
            return f"pl_sort({items()})"
        values, compare = self.ordered([items, partial(self._comparison, node, node.block)])
        return f"pl_sort({values}, {compare})"

    def _comparison(self, node: tree.Call, body: tuple[tree.Statement, ...]) -> str:
        """The function of a sort's block, which compares `$a` and `$b`."""
        name = self.temporary()
        self.level += 1
        try:
            with self.scope(), self.loop(node.span, Loop(barrier=True)):
                left, right = self.declare("$", "a"), self.declare("$", "b")
                self.emit(f"def {name}({left.name}, {right.name}):")
                with self.indented():
                    self.body(body, lambda value: self.emit(f"return {self.scalar(value)}"))
        finally:
            self.level -= 1
        return name

    def function(self, body: Callable[[], str], node: tree.Node) -> str:
        self.level += 1
        try:
            with self.apart() as lines, self.loop(node.span, Loop(barrier=True)):
                self.indent += 1
                value = body()
                self.indent -= 1
        finally:
            self.level -= 1
        if not lines:
            return f"lambda: {value}"
        name = self.temporary()
        self.emit(f"def {name}():")
        self.lines.extend(lines)
        with self.indented():
            self.emit(f"return {value}")
        return name
