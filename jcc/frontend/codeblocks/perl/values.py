"""Expressions: each node in scalar context, as a truth, and for its effects alone."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.lists import Lists
from jcc.frontend.codeblocks.perl.operators import TRUTHS
from jcc.frontend.codeblocks.perl.places import list_of


class Values(Lists):
    # -- scalars --------------------------------------------------------------------------------------------------

    def scalar(self, node: tree.Expression) -> str:
        with self.deeper(node.span):
            return self._scalar(node)

    def _scalar(self, node: tree.Expression) -> str:
        match node:
            case tree.Constant(value=value):
                return repr(value)
            case tree.Interpolated():
                return self._interpolated(node)
            case tree.Cased():
                return self._cased(node)
            case tree.Variable(sigil=sigil):
                name = self.variable(node)
                return name if sigil == "$" else f"fn_length({name})"
            case tree.Element():
                return self.path(node).read
            case tree.Slice():
                return f"pl_last({self.items(node)})"
            case tree.Dereference():
                return f"fn_length({self.items(node)})" if node.sigil == "@" else self._size(node)
            case tree.LastIndex(array=array):
                return f"op_sub(fn_length({self.container(array, 'array')}), 1)"
            case tree.My():
                return self._declaration(node)
            case tree.List(items=items):
                return self._comma(items)
            case tree.AnonymousArray():
                return list_of(self.parts_of(node.items), new=True)
            case tree.AnonymousHash(items=items):
                return self.pairs(items)
            case _:
                return self._operation(node)

    def _operation(self, node: tree.Expression) -> str:
        match node:
            case tree.Unary():
                return self.unary(node)
            case tree.Binary():
                return self.binary(node)
            case tree.Logical():
                return self.logical(node)
            case tree.Conditional():
                return self.conditional(node)
            case tree.Assignment():
                return self.assign(node)
            case tree.Increment():
                return self.increment(node)
            case tree.Match():
                return self.match(node)
            case tree.Substitute():
                return self.substitute(node, wanted=True)
            case tree.Transliterate():
                return self.transliterate(node, wanted=True)
            case tree.Call():
                return self.call(node)
            case tree.LanguageCall():
                return self.language_call(node)
            case tree.Leave():
                self.leave(node)
                return "None"
            case _:
                # All others are `_scalar`'s.
                raise AssertionError(type(node).__name__)

    def truth(self, node: tree.Expression) -> str:
        """A node as what a Python `if` asks for."""
        while isinstance(node, tree.List) and len(node.items) == 1:
            node = node.items[0]
        value = self.scalar(node)
        known = (
            isinstance(node, tree.Match)
            or (isinstance(node, tree.Unary) and node.op == "!")
            or (isinstance(node, tree.Binary) and node.op in TRUTHS)
            or (isinstance(node, tree.Call) and node.name in ("defined", "exists"))
        )
        return value if known else f"op_true({value})"

    def _size(self, node: tree.Dereference) -> str:
        return f"fn_length({self.container(node, 'hash')})"

    def _comma(self, items: tuple[tree.Expression, ...]) -> str:
        """A list in scalar context: its last item; the others are computed all the same."""
        for item in items[:-1]:
            self.evaluate(item)
        return self.scalar(items[-1]) if items else "None"

    def _declaration(self, node: tree.My) -> str:
        names = [self.declared(v) for v in node.variables if v is not None]
        return names[-1] if names else "None"

    def evaluate(self, node: tree.Expression) -> None:
        """Carry out an expression whose value nobody wants."""
        match node:
            case tree.Assignment():
                self.assign(node, wanted=False)
            case tree.Increment():
                self.increment(node, wanted=False)
            case tree.Substitute():
                self.substitute(node, wanted=False)
            case tree.Transliterate():
                self.transliterate(node, wanted=False)
            case tree.Logical(op="&&" | "||"):
                self._guarded(node)
            case tree.Call():
                self.call(node, wanted=False)
            case tree.Match() | tree.LanguageCall():
                self.emit(self.scalar(node))
            case tree.List(items=items):
                for item in items:
                    self.evaluate(item)
            case _:
                self.scalar(node)

    def _guarded(self, node: tree.Logical) -> None:
        """`X and Y` as a statement: an `if`."""
        condition = self.truth(node.left)
        self.emit(f"if {condition}:" if node.op == "&&" else f"if not {condition}:")
        with self.indented():
            self.evaluate(node.right)

    # -- strings --------------------------------------------------------------------------------------------------

    def _interpolated(self, node: tree.Interpolated) -> str:
        values = self.ordered([partial(self._piece, part) for part in node.parts])
        return f"fn_concat({', '.join(values)})"

    def _piece(self, part: str | tree.Expression) -> str:
        if isinstance(part, str):
            return repr(part)
        if isinstance(part, tree.Slice) or getattr(part, "sigil", "$") == "@":
            return f"fn_join({self.items(part)}, ' ')"
        return self.scalar(part)

    def _cased(self, node: tree.Cased) -> str:
        value = self._interpolated(node.value)
        function = {"uc": "fn_upper", "lc": "fn_lower"}.get(node.function, f"pl_{node.function}")
        return f"{function}({value})"

    # -- what the layer above adds --------------------------------------------------------------------------------

    @abstractmethod
    def increment(self, node: tree.Increment, wanted: bool = True) -> str: ...

    @abstractmethod
    def leave(self, node: tree.Leave) -> None:
        """`next`, `last`, `return`, `die`."""
