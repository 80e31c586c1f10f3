"""Assignments of scalars and lists, increments, and the words that leave a loop or the block."""

from __future__ import annotations

from functools import partial

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.contexts import is_scalar
from jcc.frontend.codeblocks.perl.operators import OPERATIONS
from jcc.frontend.codeblocks.perl.places import WRITE, list_of
from jcc.frontend.codeblocks.perl.values import Values

_GUARDS = {"||": "not op_true({})", "&&": "op_true({})", "//": "{} is None"}


class Assignments(Values):
    def assign(self, node: tree.Assignment, wanted: bool = True) -> str:
        if not is_scalar(node.target):
            return self._assign_list(node, wanted)
        if not node.op:
            return self.write(node.target, self.scalar(node.value), wanted)
        if node.op in _GUARDS:
            return self._assign_guarded(node)
        value = self.scalar(node.value)
        place = self.place(node.target)
        changed = f"{OPERATIONS[node.op]}({self.read_place(place)}, {value})"
        return self.write_place(place, changed, wanted)

    def _assign_guarded(self, node: tree.Assignment) -> str:
        """`||=`, `&&=`, `//=`: the value is only computed where it is assigned."""
        place = self.place(node.target)
        self.emit(f"if {_GUARDS[node.op].format(self.read_place(place))}:")
        with self.indented():
            self.write_place(place, self.scalar(node.value), wanted=False)
        return self.read_place(place)

    def increment(self, node: tree.Increment, wanted: bool = True) -> str:
        place = self.place(node.target)
        operation = "op_add" if node.op == "+" else "op_sub"
        before = self.read_place(place)
        if wanted and not node.before:
            # Written out even for a variable: its name will soon read the new value.
            kept = self.temporary()
            self.emit(f"{kept} = op_add({before}, 0)")
            self.write_place(place, f"{operation}({kept}, 1)", wanted=False)
            return kept
        return self.write_place(place, f"{operation}({before}, 1)", wanted)

    # -- lists ----------------------------------------------------------------------------------------------------

    def _assign_list(self, node: tree.Assignment, wanted: bool) -> str:
        if node.op:
            raise self.outside(
                f"`{node.op}=` for a list", node.span, "assign to the elements, or by `=`"
            )
        match node.target:
            case tree.My(variables=variables, list=True):
                targets: tuple[tree.Expression | None, ...] = variables
                return self._assign_each(targets, node, declare=True)
            case tree.List(items=items):
                return self._assign_each(items, node, declare=False)
            case tree.Slice() as target:
                values = self.keep(self.new_items(node.value))
                self._write_slice(target, values)
                return f"fn_length({values})"
            case target:
                return self._assign_whole(target, node.value)

    def _assign_whole(self, target: tree.Expression, value: tree.Expression) -> str:
        """`@x = …`, `%h = …`, `my @x = …`."""
        variable = target.variables[0] if isinstance(target, tree.My) else target
        if not isinstance(variable, tree.Variable | tree.Dereference):
            raise self.not_assignable(target)
        kind = "array" if variable.sigil == "@" else "hash"
        items = value.items if isinstance(value, tree.List) else (value,)
        new = self.new_items(value) if kind == "array" else self.pairs(items)
        if isinstance(target, tree.My) and isinstance(variable, tree.Variable):
            name = self.declare(variable.sigil, variable.name).name
            self.emit(f"{name} = {new}")
        else:
            new = self.keep(new)
            name = self.keep(self.container(variable, kind, write=True))
            self.emit(f"pl_fill({name}, {new})")
        return f"fn_length({name})"

    def _assign_each(
        self, targets: tuple[tree.Expression | None, ...], node: tree.Assignment, declare: bool
    ) -> str:
        """`($x, @y) = …`: all values are computed before the first is assigned."""
        values = self.keep(self.new_items(node.value))
        for number, target in enumerate(targets):
            if target is None or (isinstance(target, tree.Constant) and target.value is None):
                continue
            if isinstance(target, tree.Variable | tree.Dereference) and target.sigil != "$":
                self._assign_rest(target, values, number, declare)
            elif declare and isinstance(target, tree.Variable):
                name = self.declare("$", target.name).name
                self.emit(f"{name} = op_get({values}, {number})")
            elif is_scalar(target):
                self.write(target, f"op_get({values}, {number})", wanted=False)
            else:
                self._assign_nested(target, values, number)
        return f"fn_length({values})"

    def _assign_rest(
        self, target: tree.Variable | tree.Dereference, values: str, number: int, declare: bool
    ) -> None:
        """An array or hash among the targets takes all values that are left."""
        rest = f"pl_rest({values}, {number})"
        kind = "array"
        if target.sigil == "%":
            rest, kind = f"pl_pairs({rest})", "hash"
        if declare and isinstance(target, tree.Variable):
            self.emit(f"{self.declare(target.sigil, target.name).name} = {rest}")
        else:
            self.emit(f"pl_fill({self.container(target, kind, write=True)}, {rest})")

    def _assign_nested(self, target: tree.Expression, values: str, number: int) -> None:
        """`(my $x, my @y) = …`"""
        variable = target.variables[0] if isinstance(target, tree.My) else None
        if variable is None or variable.sigil == "$":
            raise self.not_assignable(target)
        self._assign_rest(variable, values, number, declare=True)

    def _write_slice(self, target: tree.Slice, values: str) -> None:
        if target.pairs or isinstance(target.container, tree.List):
            raise self.not_assignable(target)
        container, keys = self.ordered(
            [partial(self.slice_container, target, WRITE), partial(self.items, target.keys)]
        )
        self.emit(f"pl_put_slice({container}, {keys}, {values})")

    # -- leaving --------------------------------------------------------------------------------------------------

    def leave(self, node: tree.Leave) -> None:
        match node.word:
            case "next" | "last":
                self._leave_loop(node)
            case "return":
                self._return(node)
            case _:
                message = node.value or tree.Constant(value="Died", span=node.span)
                parts = self.parts(message)
                single = len(parts) == 1 and not parts[0].startswith("*")
                text = parts[0] if single else f"fn_join({list_of(parts)}, '')"
                self.emit(f"pl_die({text})")

    def _leave_loop(self, node: tree.Leave) -> None:
        if not self.loops:
            raise self.outside(f"`{node.word}` outside of a loop", node.span, "use `if`")
        loop = self.loops[-1]
        if loop.barrier:
            raise self.outside(
                f"`{node.word}` in `map`, `grep`, `sort` or `do`", node.span, "write a `for` loop"
            )
        if node.word == "next" and loop.step is not None:
            self.evaluate(loop.step)
        self.emit("continue" if node.word == "next" else "break")

    def _return(self, node: tree.Leave) -> None:
        if self.level:
            raise self.outside("`return` in `sort` or `s///e`", node.span, "write an expression")
        if self.setting.gives_value:
            self.emit(f"return {self.scalar(node.value) if node.value else 'None'}")
            return
        if node.value is not None:
            self.evaluate(node.value)
        self.emit("return")
