"""`jcc migrate`: a Perl block as native JCL where that can say it, else as a Python block. Knows no file and no layout."""

from __future__ import annotations

from jcc.diagnostics import Severity
from jcc.frontend import ast
from jcc.frontend.codeblocks import language_of, translate
from jcc.frontend.codeblocks.block import TranslatedBlock, setting_of
from jcc.source import Span


def migrate_block(block: ast.CodeBlock, role: str, implicit: str) -> str | None:
    """What can stand instead of a Perl block and gives the same values, None for a block that is not Perl or has errors.

    Native text is one expression for the roles of values, else assignments, one a line. A Python block comes with its
    brackets. Lines have no indentation but their own."""
    language, _ = language_of(block)
    translated = translate(block, role, implicit)
    if language != "perl" or _has_errors(translated):
        return None
    # Both are for this command alone.
    from jcc.frontend.codeblocks.migrate_native import native_of
    from jcc.frontend.codeblocks.migrate_python import python_of

    native = native_of(block.code, setting_of(role, implicit))
    if native is not None:
        return native
    python = _bracketed(python_of(translated.statements))
    again = _block_of(python)
    return None if _has_errors(translate(again, role, implicit)) else python


def _has_errors(block: TranslatedBlock) -> bool:
    return any(found.severity >= Severity.ERROR for found in block.diagnostics)


def _bracketed(lines: list[str]) -> str:
    """A Python block of some lines."""
    if len(lines) == 1:
        inside = f" {lines[0].removeprefix('return ')} "
    else:
        inside = "\n" + "\n".join(lines) + "\n"
    plain = f"[[{inside}]]"
    if "]]" not in inside and language_of(_block_of(plain))[0] == "python":
        return plain
    return f"[python[{inside}]python]"


def _block_of(text: str) -> ast.CodeBlock:
    tag = "python" if text.startswith("[python[") else ""
    start = len(tag) + 2
    code = text[start : len(text) - start]
    return ast.CodeBlock(tag=tag, code=code, span=Span(0, len(text)))
