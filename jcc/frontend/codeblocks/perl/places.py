"""Places that can be read and written: variables, elements, slices, whole arrays and hashes."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial

from jcc.diagnostics import Edit, Fix, code
from jcc.frontend.codeblocks.block import LETTERS
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.codeblocks.perl.state import Binding, State
from jcc.source import Span

READ = "r"
WRITE = "w"


@dataclass(frozen=True, slots=True)
class Path:
    """`root` and `keys` are Python expressions: texts for hashes, integers for arrays."""

    root: str
    keys: tuple[str, ...]

    @property
    def read(self) -> str:
        return f"op_get({', '.join((self.root, *self.keys))})"

    def write(self, value: str) -> str:
        # The native operation copies what lies along a path; Perl writes through references, in place.
        native = len(self.keys) == 1 and self.root in tuple(LETTERS)
        function = "op_put" if native else "pl_put"
        return f"{function}({', '.join((self.root, value, *self.keys))})"

    def made(self, kind: str) -> str:
        """The array or hash (`kind`) at this path, made if it is not there."""
        return f"pl_{kind}_at({', '.join((self.root, *self.keys))})"


class Places(State):
    # -- variables ------------------------------------------------------------------------------------------------

    def variable(self, node: tree.Variable, write: bool = False) -> str:
        """The Python name of a variable as a whole."""
        binding = self.lookup(node.sigil, node.name)
        if binding is not None:
            if write:
                self._may_write(binding, node.span)
            return binding.name
        if node.sigil == "%" and node.name in LETTERS:
            self.complete = False
            return self.job_object(node.name, node.span, write)
        if node.sigil == "$" and (node.name.isdigit() or node.name == "&"):
            if write:
                raise self.outside(f"writing `${node.name}`", node.span, "copy it first")
            group = "0" if node.name == "&" else node.name
            return f"op_get(captures, {group!r})"
        raise self.undeclared(node)

    def _may_write(self, binding: Binding, span: Span) -> None:
        binding.written = True
        if binding.level != self.level:
            raise self.outside(
                "changing a variable of outside in `sort` or `s///e`",
                span,
                "compute it before, in a loop of its own",
            )

    def declared(self, node: tree.Variable) -> str:
        """`my $x`, `my @x`, `my %x`: the new variable's name, and the line that gives it its first value."""
        name = self.declare(node.sigil, node.name).name
        empty = {"$": "None", "@": "[]", "%": "{}"}[node.sigil]
        self.emit(f"{name} = {empty}")
        return name

    def assign_name(self, node: tree.Variable, value: str) -> str:
        """Give a scalar variable its value; gives its name."""
        name = self.variable(node, write=True)
        self.emit(f"{name} = {value}")
        binding = self.lookup(node.sigil, node.name)
        if binding is not None and binding.array:
            self.emit(f"pl_put({binding.array}, {name}, {binding.index})")
        return name

    # -- elements -------------------------------------------------------------------------------------------------

    def path(self, node: tree.Element, mode: str = READ) -> Path:
        """The path of an element. `mode` is READ, WRITE or READ + WRITE: a path to be written computes its keys once."""
        chain: list[tree.Element] = [node]
        while isinstance(inner := chain[-1].container, tree.Element):
            chain.append(inner)
        chain.reverse()
        producers = [partial(self._root, chain[0], mode)]
        producers += [partial(self._key, element) for element in chain]
        root, *keys = self.ordered(producers)
        if WRITE in mode:
            keys = [self.keep(key) for key in keys]
        return Path(root, tuple(keys))

    def _root(self, first: tree.Element, mode: str) -> str:
        """What the first element of a chain lies in."""
        container = first.container
        if not isinstance(container, tree.Variable):
            return self.scalar(container)
        if self.lookup(container.sigil, container.name) is not None:
            if container.sigil == "$" and WRITE in mode:
                return self._made(container, "hash" if first.bracket == "{" else "array")
            return self.variable(container)
        if container.name == "+" and first.bracket == "{":
            return "captures"
        if container.name in LETTERS and first.bracket == "{":
            if container.sigil == "$":
                self._arrow(container)
            for kind in mode:
                self.use(container.name, first.key, kind == WRITE)
            return self.job_object(container.name, container.span, WRITE in mode)
        return self.variable(container)

    @abstractmethod
    def key(self, node: tree.Expression) -> str:
        """A node as a hash's key."""

    def _arrow(self, container: tree.Variable) -> None:
        """`$v->{x}`: there is no reference `$v`, but the hash `%v` is what was meant."""
        name, end = container.name, container.span.end
        behind = self.text[end - self.base :]
        gap = Span(end, end + len(behind) - len(behind.lstrip()) + 2)
        fix = Fix("leave out the arrow", (Edit(gap, ""),)) if "->" in behind[:2] else None
        span = container.span.to(gap)
        self.diagnostics.append(
            code.PERL_ARROW.at(span, text=f"${name}->", meant=f"${name}", fix=fix)
        )

    def _key(self, element: tree.Element) -> str:
        key = element.key
        if element.bracket == "{":
            return self.key(key)
        if isinstance(key, tree.Constant) and isinstance(key.value, int):
            return repr(int(key.value))
        return f"pl_index({self.scalar(key)})"

    def _made(self, node: tree.Variable, kind: str) -> str:
        """A scalar variable as the reference that writing through it makes of it."""
        return self.assign_name(node, f"pl_{kind}({self.variable(node, write=True)})")

    # -- arrays and hashes ----------------------------------------------------------------------------------------

    def container(self, node: tree.Expression, kind: str, write: bool = False) -> str:
        """The `array` or `hash` that a node stands for; with `write` made where it is not there."""
        match node:
            case tree.Variable(sigil="@" | "%"):
                if (node.sigil == "@") == (kind == "array"):
                    return self.variable(node, write)
            case tree.Dereference(operand=operand):
                if (node.sigil == "@") == (kind == "array"):
                    return self.referred(operand, kind, write)
            case tree.My(variables=(tree.Variable(sigil="@" | "%") as variable,), list=False):
                return self.declared(variable)
            case tree.List(items=(item,)):
                return self.container(item, kind, write)
            case _:
                pass
        sigil = "@" if kind == "array" else "%"
        raise self.outside(
            "this argument", node.span, f"write an {kind}: `{sigil}name`, `{sigil}{{$v{{name}}}}`"
        )

    def referred(self, operand: tree.Expression, kind: str, write: bool = False) -> str:
        """What a reference refers to."""
        if write and isinstance(operand, tree.Element):
            return self.path(operand, READ + WRITE).made(kind)
        if isinstance(operand, tree.Variable) and operand.sigil == "$":
            if (
                self.lookup("$", operand.name) is None
                and operand.name in LETTERS
                and kind == "hash"
            ):
                self.complete = False
                return self.job_object(operand.name, operand.span, write)
            if write:
                return self._made(operand, kind)
        return f"pl_{kind}({self.scalar(operand)})"

    def slice_container(self, node: tree.Slice, mode: str = READ) -> str:
        """The hash, array or list that a slice takes from."""
        kind = "hash" if node.bracket == "{" else "array"
        container = node.container
        if isinstance(container, tree.List):
            return self.items(container)
        if not isinstance(container, tree.Variable) or container.sigil == "$":
            return self.referred(container, kind, WRITE in mode)
        if self.lookup(container.sigil, container.name) is None and container.sigil == "%":
            keys = node.keys.items if isinstance(node.keys, tree.List) else (node.keys,)
            for key in keys if container.name in LETTERS else ():
                for one in mode:
                    self.use(container.name, key, one == WRITE)
            if container.name in LETTERS:
                return self.job_object(container.name, container.span, WRITE in mode)
        return self.variable(container, WRITE in mode)

    def items(self, node: tree.Expression) -> str:
        """A node in list context as one Python list, which may be the array itself: not to be changed."""
        return list_of(self.parts(node))

    def new_items(self, node: tree.Expression) -> str:
        """A node in list context as a list of its own."""
        return list_of(self.parts(node), new=True)

    # -- scalar places --------------------------------------------------------------------------------------------

    def place(self, node: tree.Expression) -> Path | tree.Variable:
        """A scalar place to be read and then written, its keys computed."""
        match node:
            case tree.Variable(sigil="$"):
                self.variable(node, write=True)
                return node
            case tree.Element():
                return self.path(node, READ + WRITE)
            case tree.My(variables=(tree.Variable(sigil="$") as variable,), list=False):
                self.declared(variable)
                return variable
            case tree.List(items=(item,)):
                return self.place(item)
            case tree.Assignment(target=target):
                self.scalar(node)
                if isinstance(target, tree.My) and isinstance(target.variables[0], tree.Variable):
                    return target.variables[0]
                return self.place(target)
            case _:
                raise self.not_assignable(node)

    def read_place(self, place: Path | tree.Variable) -> str:
        return place.read if isinstance(place, Path) else self.variable(place)

    def write_place(self, place: Path | tree.Variable, value: str, wanted: bool = True) -> str:
        """Write `value`; gives what reads it again, if that is `wanted`."""
        if isinstance(place, tree.Variable):
            return self.assign_name(place, value)
        if wanted:
            value = self.keep(value)
        self.emit(place.write(value))
        return value

    def write(self, target: tree.Expression, value: str, wanted: bool = True) -> str:
        """Write `value`, which is computed before the place is, as Perl does."""
        match target:
            case tree.Variable(sigil="$"):
                return self.assign_name(target, value)
            case tree.My(variables=(tree.Variable(sigil="$") as variable,), list=False):
                name = self.declare("$", variable.name).name
                self.emit(f"{name} = {value}")
                return name
            case tree.Element():
                if wanted or not _fixed(target):
                    value = self.keep(value)
                return self.write_place(self.path(target, WRITE), value, wanted)
            case tree.List(items=(item,)):
                return self.write(item, value, wanted)
            case tree.Assignment():
                return self.write_place(self.place(target), value, wanted)
            case _:
                raise self.not_assignable(target)

    def not_assignable(self, target: tree.Expression) -> Unreadable:
        return self.outside(
            "an assignment to this",
            target.span,
            "assign to a variable, an element, or a list of them",
        )


def list_of(parts: list[str], new: bool = False) -> str:
    """The Python list of some parts; with `new` surely a list of its own. (The sandbox knows no `[*xs]`.)"""
    chunks: list[str] = []
    plain: list[str] = []
    for part in parts:
        if not part.startswith("*"):
            plain.append(part)
            continue
        if plain:
            chunks.append(f"[{', '.join(plain)}]")
            plain = []
        chunks.append(part[1:])
    if plain or not chunks:
        chunks.append(f"[{', '.join(plain)}]")
    if len(chunks) == 1 and (not new or chunks[0].startswith("[")):
        return chunks[0]
    return f"pl_concat({', '.join(chunks)})"


def key_text(value: str | int | float | bool | None) -> str:
    """A constant as a hash's key."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _fixed(target: tree.Element) -> bool:
    """Has the element only constant keys, so that computing them does nothing?"""
    node: tree.Expression = target
    while isinstance(node, tree.Element):
        if not isinstance(node.key, tree.Constant):
            return False
        node = node.container
    return isinstance(node, tree.Variable)
