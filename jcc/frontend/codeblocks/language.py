"""Which language a block is in: by its tag, else by Perl's sigils."""

from __future__ import annotations

import re

from jcc.diagnostics import Diagnostic, code
from jcc.frontend import ast
from jcc.source import Span

# Strings and comments, which say nothing. `$#` is no comment.
_SILENT = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|(?<![$@%&\w])#[^\n]*")
# What no Python has outside of strings. `%` and `@` are operators there, but not behind `=`, `(` or `,`.
_SIGILS = re.compile(
    r"\$|[@%]\s*\{\s*[aeiotv]\{|\b[aeiotv]\{|\bmy\s*[(@%]|[=(,;{]\s*[@%]\w|^\s*[@%]\w+\s*=",
    re.MULTILINE,
)
# An element in a string of Perl's.
_INTERPOLATED = re.compile(r"\"[^\"\n]*(?:\$[aeiotv]\{|@\{\s*\$[aeiotv]\{)")
# Words that look like a language's name rather than like a delimiter.
_LANGUAGES = {
    **dict.fromkeys(["py", "python3"], "python"),
    **dict.fromkeys(["pl", "perl5"], "perl"),
    **dict.fromkeys(
        ["javascript", "js", "typescript", "lua", "ruby", "sql", "jcl", "bash", "sh", "php", "tcl"],
        "",
    ),
}


def language_of(block: ast.CodeBlock) -> tuple[str, tuple[Diagnostic, ...]]:
    """`python` or `perl`. Any other tag is a mere delimiter, unless it names a language."""
    if block.tag in ("python", "perl"):
        return block.tag, ()
    guessed = "perl" if _has_sigils(block.code) else "python"
    lowered = block.tag.lower()
    meant = _LANGUAGES.get(lowered, lowered if lowered in ("python", "perl") else None)
    if not block.tag or meant is None:
        return guessed, ()
    language = meant or guessed
    span = Span(block.code_start - len(block.tag) - 1, block.code_start - 1)
    finding = code.BLOCK_TAG.at(
        span, tag=block.tag, language=language, help="write `python` or `perl`"
    )
    return language, (finding,)


def _has_sigils(text: str) -> bool:
    """Does the text use Perl's variables?"""
    return bool(_SIGILS.search(_SILENT.sub("''", text)) or _INTERPOLATED.search(text))
