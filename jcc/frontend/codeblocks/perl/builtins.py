"""Perl's builtin functions, by what they become in Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.contexts import is_whole
from jcc.frontend.codeblocks.perl.loops import Loops
from jcc.frontend.codeblocks.perl.matching import TOPIC
from jcc.frontend.codeblocks.perl.places import WRITE
from jcc.frontend.codeblocks.perl.words import TOPICAL

# One scalar in, one scalar out.
_SIMPLE = {
    "lc": "fn_lower",
    "fc": "fn_lower",
    "uc": "fn_upper",
    "lcfirst": "pl_lcfirst",
    "ucfirst": "pl_ucfirst",
    "length": "pl_length",
    "int": "pl_int",
    "abs": "pl_abs",
    "sqrt": "pl_sqrt",
    "log": "pl_log",
    "exp": "pl_exp",
    "ord": "pl_ord",
    "chr": "pl_chr",
    "hex": "pl_hex",
    "oct": "pl_oct",
    "quotemeta": "pl_quotemeta",
    "ref": "pl_ref",
}
# Several scalars in, one out: the least and the greatest number of them.
_FIXED = {
    "substr": ("pl_substr", 2, 3),
    "index": ("pl_index_of", 2, 3),
    "rindex": ("pl_last_index_of", 2, 3),
}


class Builtins(Loops):
    def call(self, node: tree.Call, wanted: bool = True) -> str:
        """A builtin in scalar context."""
        name, arguments = node.name, node.arguments
        if name in TOPICAL and not arguments:
            arguments = (tree.Variable(sigil="$", name=TOPIC, span=node.span),)
        if name in _SIMPLE:
            self.expect_arguments(node, arguments, 1, 1)
            return f"{_SIMPLE[name]}({self.scalar(arguments[0])})"
        if name in _FIXED:
            function, least, most = _FIXED[name]
            self.expect_arguments(node, arguments, least, most)
            values = self.ordered([partial(self.scalar, argument) for argument in arguments])
            return f"{function}({', '.join(values)})"
        match name:
            case "defined" | "exists" | "delete" | "scalar" | "undef" | "chomp" | "chop":
                self.expect_arguments(node, arguments, 1, 1)
                return self._of_place(name, arguments[0], wanted)
            case "push" | "unshift" | "pop" | "shift":
                return self._array_end(node, wanted)
            case "join":
                self.expect_arguments(node, arguments, 1, None)
                rest = tree.List(items=arguments[1:], span=node.span)
                glue, items = self.ordered(
                    [partial(self.scalar, arguments[0]), partial(self.items, rest)]
                )
                return f"fn_join({items}, {glue})"
            case "sprintf":
                self.expect_arguments(node, arguments, 1, None)
                return f"pl_sprintf({self.items(tree.List(items=arguments, span=node.span))})"
            case "reverse":
                items = self.items(tree.List(items=arguments, span=node.span))
                return f"pl_reversed_text({items})"
            case "splice":
                return f"pl_last({self.call_list(node)})"
            case "sort":
                raise self.outside("`sort` for a single value", node.span, "put it into an array")
            case _:
                # keys, values, map, grep, split: how many there are.
                return f"fn_length({self.call_list(node)})"

    def call_list(self, node: tree.Call) -> str:
        """A builtin of LIST_VALUED in list context: a Python list."""
        arguments = node.arguments
        match node.name:
            case "map" | "grep":
                return self.map_or_grep(node)
            case "sort":
                return self.sorted_list(node)
            case "reverse":
                return f"pl_reversed({self.items(tree.List(items=arguments, span=node.span))})"
            case "keys" | "values":
                self.expect_arguments(node, arguments, 1, 1)
                return f"pl_{node.name}({self.container(arguments[0], 'hash')})"
            case "split":
                return self._split(node)
            case "splice":
                return self._splice(node)
            case _:
                help = "write `while (my ($key, $value) = each %h) { … }`"
                raise self.outside("`each`", node.span, help)

    # -- places ---------------------------------------------------------------------------------------------------

    def _of_place(self, name: str, argument: tree.Expression, wanted: bool) -> str:
        while isinstance(argument, tree.List) and len(argument.items) == 1:
            argument = argument.items[0]
        match name:
            case "scalar":
                return self.scalar(argument)
            case "defined":
                if is_whole(argument):
                    return f"op_gt({self.scalar(argument)}, 0)"
                return f"({self.scalar(argument)} is not None)"
            case "exists":
                return self._exists(argument)
            case "delete":
                return self._delete(argument, wanted)
            case "undef":
                return self._undef(argument)
            case _:
                # chomp and chop: their value, what they took away, is not of use to anyone.
                place = self.place(argument)
                self.write_place(place, f"pl_{name}({self.read_place(place)})", wanted=False)
                return "None"

    def _exists(self, argument: tree.Expression) -> str:
        if not isinstance(argument, tree.Element):
            raise self.outside("`exists` of this", argument.span, "ask for an element")
        path = self.path(argument)
        holder = path.root if len(path.keys) == 1 else _get(path.root, path.keys[:-1])
        return f"pl_exists({holder}, {path.keys[-1]})"

    def _delete(self, argument: tree.Expression, wanted: bool) -> str:
        if isinstance(argument, tree.Slice):
            return f"pl_last({self.delete_slice(argument)})"
        if not isinstance(argument, tree.Element):
            raise self.outside("`delete` of this", argument.span, "delete an element")
        path = self.path(argument, WRITE)
        holder = path.root if len(path.keys) == 1 else _get(path.root, path.keys[:-1])
        return self._changed(f"pl_delete({holder}, {path.keys[-1]})", wanted)

    def delete_slice(self, node: tree.Slice) -> str:
        """`delete @h{…}`: the list of what was deleted."""
        holder, keys = self.ordered(
            [partial(self.slice_container, node, WRITE), partial(self.items, node.keys)]
        )
        return self.keep(f"pl_delete_all({holder}, {keys})")

    def _undef(self, argument: tree.Expression) -> str:
        if is_whole(argument):
            kind = "hash" if getattr(argument, "sigil", "@") == "%" else "array"
            empty = "{}" if kind == "hash" else "[]"
            self.emit(f"pl_fill({self.container(argument, kind, write=True)}, {empty})")
        else:
            self.write_place(self.place(argument), "None", wanted=False)
        return "None"

    # -- arrays ---------------------------------------------------------------------------------------------------

    def _array_end(self, node: tree.Call, wanted: bool) -> str:
        if not node.arguments:
            raise self.outside(
                f"`{node.name}` without an array", node.span, f"write `{node.name} @array`"
            )
        array, rest = node.arguments[0], node.arguments[1:]
        if isinstance(array, tree.Variable | tree.Element) and not is_whole(array):
            # `push $v{list}, 1` was allowed for a while, and is read as meant.
            array = tree.Dereference(sigil="@", operand=array, span=array.span)
        if node.name in ("pop", "shift"):
            self.expect_arguments(node, node.arguments, 1, 1)
            call = f"pl_{node.name}({self.container(array, 'array', write=True)})"
            return self._changed(call, wanted)
        place, items = self.ordered(
            [
                partial(self.container, array, "array", write=True),
                partial(self.items, tree.List(items=rest, span=node.span)),
            ]
        )
        return self._changed(f"pl_{node.name}({place}, {items})", wanted)

    def _changed(self, call: str, wanted: bool) -> str:
        """A call that changes something happens here, not where its value is used."""
        if wanted:
            return self.keep(call)
        self.emit(call)
        return "None"

    def _splice(self, node: tree.Call) -> str:
        self.expect_arguments(node, node.arguments, 1, None)
        array, numbers = node.arguments[0], node.arguments[1:3]
        rest = tree.List(items=node.arguments[3:], span=node.span)
        producers: list[Callable[[], str]] = [partial(self.container, array, "array", write=True)]
        producers += [partial(self.scalar, number) for number in numbers]
        producers.append(partial(self.new_items, rest))
        place, *values, items = self.ordered(producers)
        values += ["None"] * (2 - len(values))
        return self.keep(f"pl_splice({place}, {', '.join(values)}, {items})")

    def _split(self, node: tree.Call) -> str:
        self.expect_arguments(node, node.arguments, 1, 3)
        separator, *rest = node.arguments
        flags = separator.flags if isinstance(separator, tree.Match) else ""
        awk = isinstance(separator, tree.Constant) and separator.value == " "
        subject = rest[0] if rest else tree.Variable(sigil="$", name=TOPIC, span=node.span)
        source = separator.pattern if isinstance(separator, tree.Match) else separator
        compiled = partial(self.pattern, source, flags)
        values = self.ordered(
            [
                (lambda: "None") if awk else compiled,
                partial(self.scalar, subject),
                *[partial(self.scalar, limit) for limit in rest[1:]],
            ]
        )
        limit = values[2] if len(values) > 2 else "0"
        known = "".join(flag for flag in "imsx" if flag in flags)
        return f"pl_split({values[0]}, {known!r}, {values[1]}, {limit})"


def _get(root: str, keys: tuple[str, ...]) -> str:
    return f"op_get({', '.join((root, *keys))})"
