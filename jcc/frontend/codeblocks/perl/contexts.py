"""What a node is before it is translated: one value or a list, a whole array, a place."""

from __future__ import annotations

from jcc.frontend.codeblocks.perl import tree

# Builtins whose value is a list in list context.
LIST_VALUED = frozenset(
    ["map", "grep", "sort", "reverse", "keys", "values", "splice", "split", "each"]
)


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


def single(node: tree.List) -> bool:
    return len(node.items) == 1 and is_scalar(node.items[0])


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_word(value: object) -> bool:
    """Is it a string that is no number?"""
    if not isinstance(value, str) or not value:
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def is_array(node: tree.Expression) -> bool:
    return isinstance(node, tree.Variable | tree.Dereference) and node.sigil == "@"


def is_whole(node: tree.Expression) -> bool:
    """Is it an array or a hash, rather than a scalar?"""
    if isinstance(node, tree.My):
        return not node.list and node.variables[0] is not None and node.variables[0].sigil != "$"
    return isinstance(node, tree.Variable | tree.Dereference) and node.sigil != "$"


def holds_places(node: tree.Expression) -> bool:
    """May the node's items be places of their own, so that Perl would write them through a loop's variable?"""
    match node:
        case tree.List(items=items):
            return any(holds_places(item) for item in items)
        case tree.Call(name=name):
            return name in ("values", "grep")
        case _:
            return isinstance(node, tree.Variable | tree.Dereference | tree.Slice | tree.Element)
