"""Nodes in list context, hashes from lists, and calls of the language's functions, whose arguments are a list."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial

from jcc.diagnostics import code
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.contexts import LIST_VALUED, is_scalar
from jcc.frontend.codeblocks.perl.operators import Operators
from jcc.frontend.codeblocks.perl.places import key_text, list_of
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.functions import BY_NAME
from jcc.frontend.nearest import did_you_mean


class Lists(Operators):
    @abstractmethod
    def assign(self, node: tree.Assignment, wanted: bool = True) -> str:
        """Carry out an assignment; gives what reads its value, if that is `wanted`."""

    def parts(self, node: tree.Expression) -> list[str]:
        with self.deeper(node.span):
            return self._parts(node)

    def _parts(self, node: tree.Expression) -> list[str]:
        match node:
            case tree.List(items=items):
                return self.parts_of(items)
            case tree.Variable(sigil="@"):
                return [f"*{self.variable(node)}"]
            case tree.Variable(sigil="%") | tree.Dereference(sigil="%"):
                return [f"*pl_flatten({self.container(node, 'hash')})"]
            case tree.Dereference():
                return [f"*{self.container(node, 'array')}"]
            case tree.Slice():
                return [f"*{self._slice(node)}"]
            case tree.Binary(op=".."):
                ends = [partial(self.scalar, node.left), partial(self.scalar, node.right)]
                return [f"*pl_range({', '.join(self.ordered(ends))})"]
            case tree.Binary(op="x", left=tree.List() as left):
                repeated, times = self.ordered(
                    [partial(self.items, left), partial(self.scalar, node.right)]
                )
                return [f"*pl_repeat({repeated}, {times})"]
            case tree.Conditional() if not (is_scalar(node.then) and is_scalar(node.otherwise)):
                return [f"*{self.conditional(node, self.items)}"]
            case tree.Match():
                return [f"*{self.match_list(node)}"]
            case tree.Call(name=name) if name in LIST_VALUED:
                return [f"*{self.call_list(node)}"]
            case tree.Call(name="delete", arguments=(tree.Slice() as sliced,)):
                return [f"*{self.delete_slice(sliced)}"]
            case tree.My() | tree.Assignment():
                return self._parts_of_declared(node)
            case _:
                return [self.scalar(node)]

    def parts_of(self, items: tuple[tree.Expression, ...]) -> list[str]:
        """Several nodes in list context, one after the other."""
        lists = self.ordered_parts([partial(self.parts, item) for item in items])
        return [part for parts in lists for part in parts]

    def _parts_of_declared(self, node: tree.My | tree.Assignment) -> list[str]:
        if isinstance(node, tree.Assignment):
            if is_scalar(node):
                return [self.assign(node)]
            self.assign(node, wanted=False)
            target = node.target
            if not isinstance(target, tree.My):
                return self._parts(target)
            names = [v for v in target.variables if v is not None]
            return self.parts_of(tuple(names))
        return [
            f"*{self.declared(v)}" if v.sigil == "@" else self.declared(v)
            for v in node.variables
            if v is not None and v.sigil != "%"
        ]

    def _slice(self, node: tree.Slice) -> str:
        container, keys = self.ordered(
            [partial(self.slice_container, node), partial(self.items, node.keys)]
        )
        return f"{'pl_slice_pairs' if node.pairs else 'pl_slice'}({container}, {keys})"

    def pairs(self, items: tuple[tree.Expression, ...]) -> str:
        """A list of keys and values as a new Python dictionary."""
        if len(items) == 1 and getattr(items[0], "sigil", "") == "%":
            return f"pl_copy({self.container(items[0], 'hash')})"
        if len(items) % 2 or not all(is_scalar(item) for item in items):
            return f"pl_pairs({list_of(self.parts_of(items))})"
        codes = self.ordered(
            [
                partial(self.scalar if number % 2 else self.key, item)
                for number, item in enumerate(items)
            ]
        )
        shown = [f"{key}: {value}" for key, value in zip(codes[::2], codes[1::2], strict=True)]
        return f"{{{', '.join(shown)}}}"

    def key(self, node: tree.Expression) -> str:
        """A node as a hash's key."""
        if isinstance(node, tree.Constant):
            return repr(key_text(node.value))
        value = self.scalar(node)
        return value if isinstance(node, tree.Interpolated) else f"pl_key({value})"

    # -- calls ----------------------------------------------------------------------------------------------------

    def language_call(self, node: tree.LanguageCall) -> str:
        function = BY_NAME.get(node.name)
        if function is None or function.name == "ifdef":
            help = did_you_mean(node.name, BY_NAME)
            raise Unreadable(code.PERL_FUNCTION.at(node.name_span, name=node.name, help=help))
        parts = self.parts_of(node.arguments)
        if any(part.startswith("*") for part in parts):
            return f"pl_apply(fn_{function.name}, {list_of(parts)})"
        most = function.most
        if len(parts) < function.least or (most is not None and len(parts) > most):
            raise Unreadable(
                code.BLOCK_ARGUMENTS.at(
                    node.name_span, name=function.name, count=len(parts), help=function.label
                )
            )
        return f"fn_{function.name}({', '.join(parts)})"
