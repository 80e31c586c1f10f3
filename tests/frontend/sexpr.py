"""Trees as one line of text, without spans: what the syntax tests compare."""

from __future__ import annotations

from dataclasses import fields

from jcc.frontend import ast


def sexpr(value: object) -> str:
    """`Assign(Path(None, Field(x)), =, 3)`: the fields of each node in order, spans left out."""
    match value:
        case ast.Name(text=text):
            return text
        case ast.Literal(value=literal):
            return repr(literal)
        case ast.Field(name=name):
            return f".{name.text}"
        case ast.Index(value=index):
            return f"[{sexpr(index)}]"
        case ast.Path(root=root, keys=keys):
            return (root or "") + "".join(sexpr(key) for key in keys)
        case ast.CodeBlock(tag=tag, code=code):
            return f"[{tag}[{code}]{tag}]"
        case ast.Binary(op=op, left=left, right=right):
            return f"({sexpr(left)} {op} {sexpr(right)})"
        case ast.Unary(op=op, operand=operand):
            return f"({op} {sexpr(operand)})"
        case ast.Node():
            parts = [
                sexpr(getattr(value, field.name))
                for field in fields(value)
                if not field.name.endswith("span") and field.name != "header"
            ]
            return f"{type(value).__name__}({', '.join(part for part in parts if part)})"
        case tuple():
            return " ".join(map(sexpr, value))
        case _:
            return str(value) if value not in (None, "", False) else ""


def spans(node: ast.Node) -> list[ast.Node]:
    """A node and all below it, each inside of its parent."""
    found = [node]
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            for part in child if isinstance(child, tuple) else (child,):
                if isinstance(part, ast.Node):
                    found += spans(part)
    return found
