"""Operators: unary, binary, logical, `?:`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jcc.diagnostics import Edit, Fix, code
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.builtins import Builtins
from jcc.frontend.codeblocks.perl.contexts import is_number, is_word, single
from jcc.frontend.codeblocks.perl.state import Line
from jcc.source import Span

OPERATIONS = {
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
TRUTHS = frozenset(["==", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "le", "gt", "ge"])
_SHORT = {"&&": "op_and", "||": "op_or", "//": "op_defined_or"}


class Operators(Builtins):
    def unary(self, node: tree.Unary) -> str:
        match node.op:
            case "!":
                return f"op_not({self.scalar(node.operand)})"
            case "-":
                if isinstance(node.operand, tree.Constant) and is_number(node.operand.value):
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

    def binary(self, node: tree.Binary) -> str:
        if node.op == "..":
            raise self.outside("`..` for a single value", node.span, "write a comparison")
        if node.op == "x" and isinstance(node.left, tree.List) and not single(node.left):
            return f"pl_last({self.items(node)})"
        if node.op == ".":
            return self._joined(node)
        self._compares_text(node)
        left, right = self.ordered(
            [partial(self.scalar, node.left), partial(self.scalar, node.right)]
        )
        return f"{OPERATIONS[node.op]}({left}, {right})"

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
            if meant and isinstance(side, tree.Constant) and is_word(side.value):
                fix = Fix(
                    f"write `{meant}`",
                    (Edit(node.op_span, self._word_between(node.op_span, meant)),),
                    safe=False,
                )
                self.diagnostics.append(
                    code.PERL_STRING_COMPARED.at(
                        node.op_span,
                        operator=node.op,
                        text=f"`'{side.value}'`",
                        help=f"strings are compared by `{meant}`",
                        fix=fix,
                    )
                )

    def _word_between(self, span: Span, word: str) -> str:
        """An operator that is a word, with blanks where its neighbours have none."""
        before = self.text[span.start - self.base - 1 : span.start - self.base]
        after = self.text[span.end - self.base : span.end - self.base + 1]
        return f"{'' if before.isspace() else ' '}{word}{'' if after.isspace() else ' '}"

    def logical(self, node: tree.Logical) -> str:
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

    def conditional(
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
