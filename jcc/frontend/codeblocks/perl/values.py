"""Expressions: each node in scalar context, in list context, and as a truth."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from jcc.diagnostics import Edit, Fix, code
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.builtins import LIST_VALUED, Builtins
from jcc.frontend.codeblocks.perl.places import key_text, list_of
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.codeblocks.perl.state import Line
from jcc.frontend.functions import BY_NAME
from jcc.frontend.nearest import did_you_mean

_OPERATIONS = {
    "+": "op_add",
    "-": "op_sub",
    "*": "op_mul",
    "/": "op_div",
    "%": "pl_mod",
    "**": "op_pow",
    ".": "op_join",
    "x": "op_repeat",
    "==": "op_eq",
    "!=": "op_ne",
    "<": "op_lt",
    "<=": "op_le",
    ">": "op_gt",
    ">=": "op_ge",
    "eq": "op_str_eq",
    "ne": "op_str_ne",
    "lt": "op_str_lt",
    "le": "op_str_le",
    "gt": "op_str_gt",
    "ge": "op_str_ge",
    "<=>": "pl_compare",
    "cmp": "pl_compare_text",
}
_TEXT_OPERATORS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_TRUTHS = frozenset(["==", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "le", "gt", "ge"])
_SHORT = {"&&": "op_and", "||": "op_or", "//": "op_defined_or"}


class Values(Builtins):
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
                return list_of(self._parts_of(node.items), new=True)
            case tree.AnonymousHash(items=items):
                return self.pairs(items)
            case _:
                return self._operation(node)

    def _operation(self, node: tree.Expression) -> str:
        match node:
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._binary(node)
            case tree.Logical():
                return self._logical(node)
            case tree.Conditional():
                return self._conditional(node)
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
                return self._language_call(node)
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
            or (isinstance(node, tree.Binary) and node.op in _TRUTHS)
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

    # -- operators ------------------------------------------------------------------------------------------------

    def _unary(self, node: tree.Unary) -> str:
        match node.op:
            case "!":
                return f"op_not({self.scalar(node.operand)})"
            case "-":
                if isinstance(node.operand, tree.Constant) and _is_number(node.operand.value):
                    return f"-{node.operand.value!r}"
                return f"op_neg({self.scalar(node.operand)})"
            case "\\":
                return self._reference(node)
            case _:
                return self.scalar(node.operand)

    def _reference(self, node: tree.Unary) -> str:
        operand = node.operand
        if isinstance(operand, tree.Constant) and operand.value in (0, 1):
            return repr(bool(operand.value))  # `\\1` and `\\0` are how Perl's JSON writes booleans
        if isinstance(operand, tree.Variable | tree.Dereference) and operand.sigil in ("@", "%"):
            return self.container(operand, "array" if operand.sigil == "@" else "hash", write=True)
        raise self.outside("a reference to a scalar", node.span, "use the value itself")

    def _binary(self, node: tree.Binary) -> str:
        if node.op == "..":
            raise self.outside("`..` for a single value", node.span, "write a comparison")
        if node.op == "x" and isinstance(node.left, tree.List) and not _single(node.left):
            return f"pl_last({self.items(node)})"
        if node.op == ".":
            return self._joined(node)
        self._compares_text(node)
        left, right = self.ordered(
            [partial(self.scalar, node.left), partial(self.scalar, node.right)]
        )
        return f"{_OPERATIONS[node.op]}({left}, {right})"

    def _joined(self, node: tree.Binary) -> str:
        """`a . b . c` in one call: such chains are long."""
        operands: list[tree.Expression] = [node.right]
        left = node.left
        while isinstance(left, tree.Binary) and left.op == ".":
            operands.append(left.right)
            left = left.left
        operands.append(left)
        values = self.ordered([partial(self.scalar, operand) for operand in reversed(operands)])
        function = "op_join" if len(values) == 2 else "fn_concat"
        return f"{function}({', '.join(values)})"

    def _compares_text(self, node: tree.Binary) -> None:
        """Say that `==` has a string beside it that is no number."""
        meant = _TEXT_OPERATORS.get(node.op)
        for side in (node.left, node.right):
            if meant and isinstance(side, tree.Constant) and _is_word(side.value):
                fix = Fix(f"write `{meant}`", (Edit(node.op_span, f" {meant} "),), safe=False)
                self.diagnostics.append(
                    code.PERL_STRING_COMPARED.at(
                        node.op_span,
                        operator=node.op,
                        text=f"`'{side.value}'`",
                        help=f"strings are compared by `{meant}`",
                        fix=fix,
                    )
                )

    def _logical(self, node: tree.Logical) -> str:
        left = self.scalar(node.left)
        if node.op == "xor":
            left, right = self.ordered([lambda: left, partial(self.scalar, node.right)])
            return f"op_xor({left}, {right})"
        with self.aside() as lines:
            right = self.scalar(node.right)
        if not lines:
            return f"{_SHORT[node.op]}({left}, lambda: {right})"
        # The lines that the right side needs stand under an `if`.
        result = self.temporary()
        self.emit(f"{result} = {left}")
        test = {"&&": f"op_true({result})", "||": f"not op_true({result})"}
        self.emit(f"if {test.get(node.op, f'{result} is None')}:")
        self._branch(lines, f"{result} = {right}")
        return result

    def _branch(self, lines: list[Line], last: str) -> None:
        """The body of an `if`, collected aside."""
        self.lines.extend(lines)
        with self.indented():
            self.emit(last)

    def _conditional(
        self, node: tree.Conditional, read: Callable[[tree.Expression], str] | None = None
    ) -> str:
        """`c ? x : y`, whose sides are scalars unless `read` says otherwise."""
        read = read or self.scalar
        condition = self.truth(node.condition)
        with self.aside() as then_lines:
            then = read(node.then)
        with self.aside() as other_lines:
            otherwise = read(node.otherwise)
        if not then_lines and not other_lines:
            return f"({then} if {condition} else {otherwise})"
        result = self.temporary()
        self.emit(f"if {condition}:")
        self._branch(then_lines, f"{result} = {then}")
        self.emit("else:")
        self._branch(other_lines, f"{result} = {otherwise}")
        return result

    # -- calls ----------------------------------------------------------------------------------------------------

    def _language_call(self, node: tree.LanguageCall) -> str:
        function = BY_NAME.get(node.name)
        if function is None or function.name == "ifdef":
            help = did_you_mean(node.name, BY_NAME)
            raise Unreadable(code.PERL_FUNCTION.at(node.name_span, name=node.name, help=help))
        parts = self._parts_of(node.arguments)
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

    # -- lists ----------------------------------------------------------------------------------------------------

    def parts(self, node: tree.Expression) -> list[str]:
        with self.deeper(node.span):
            return self._parts(node)

    def _parts(self, node: tree.Expression) -> list[str]:
        match node:
            case tree.List(items=items):
                return self._parts_of(items)
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
                return [f"*{self._conditional(node, self.items)}"]
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

    def _parts_of(self, items: tuple[tree.Expression, ...]) -> list[str]:
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
            return self._parts_of(tuple(names))
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
            return f"pl_pairs({list_of(self._parts_of(items))})"
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

    # -- what the layer above adds --------------------------------------------------------------------------------

    @abstractmethod
    def assign(self, node: tree.Assignment, wanted: bool = True) -> str:
        """Carry out an assignment; gives what reads its value, if that is `wanted`."""

    @abstractmethod
    def increment(self, node: tree.Increment, wanted: bool = True) -> str: ...

    @abstractmethod
    def leave(self, node: tree.Leave) -> None:
        """`next`, `last`, `return`, `die`."""


def is_scalar(node: tree.Expression) -> bool:
    """Is the node one value in list context too?"""
    match node:
        case tree.Variable(sigil=sigil):
            return sigil == "$"
        case tree.List(items=items):
            return len(items) == 1 and is_scalar(items[0])
        case tree.Slice() | tree.Dereference() | tree.Match():
            return False
        case tree.Binary(op=op, left=left):
            return not (op == ".." or (op == "x" and isinstance(left, tree.List)))
        case tree.Conditional(then=then, otherwise=otherwise):
            return is_scalar(then) and is_scalar(otherwise)
        case tree.Call(name=name):
            return name not in LIST_VALUED and name != "delete"
        case tree.Assignment(target=target):
            return is_scalar(target)
        case tree.My(variables=variables, list=several):
            return not several and variables[0] is not None and variables[0].sigil == "$"
        case _:
            return True


def _single(node: tree.List) -> bool:
    return len(node.items) == 1 and is_scalar(node.items[0])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_word(value: object) -> bool:
    """Is it a string that is no number?"""
    if not isinstance(value, str) or not value:
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False
