"""Code blocks: `[[ … ]]` in Python or Perl, translated to the Python of a function's body.

`translate` is the way in. It never raises: what is wrong with a block is a diagnostic."""

from __future__ import annotations

import re
from dataclasses import replace

from jcc.diagnostics import Diagnostic, code
from jcc.frontend import ast
from jcc.frontend.codeblocks.block import (
    PARAMETERS,
    Facts,
    TranslatedBlock,
    Use,
    facts_of,
    setting_of,
)
from jcc.frontend.codeblocks.language import language_of
from jcc.frontend.codeblocks.python import translate_python
from jcc.source import Span

__all__ = ["PARAMETERS", "Facts", "TranslatedBlock", "Use", "language_of", "translate"]

MAX_LENGTH = 100_000
# No Python source holds these, and the database could not store them.
_UNREADABLE = re.compile("[\0\ud800-\udfff]")


def translate(
    block: ast.CodeBlock, role: str, implicit: str, readable: str | None = None
) -> TranslatedBlock:
    """The block as Python. `role` is one of those of `jobcenter.artifact`; `implicit` is the object that a left side
    without a letter means in the block's map (`""` where there is none). `readable` has the letters of the objects
    that are there, if they are not those of the role: an expression in an output map sees `o` and `t` too."""
    setting = setting_of(role, implicit, readable)
    language, found = language_of(block)
    broken = _unreadable(block)
    if broken is not None:
        origin = (block.code_start,)
        facts = facts_of((), complete=False)
        return TranslatedBlock(language, ("pass",), origin, (*found, broken), facts, ())
    if language == "python":
        made = translate_python(block.code, block.code_start, setting)
    else:
        # Loaded where it is needed: most files have no Perl.
        from jcc.frontend.codeblocks.perl.translate import translate_perl

        made = translate_perl(block.code, block.code_start, setting)
    if not block.code.strip() and setting.gives_value:
        made = replace(made, diagnostics=(code.BLOCK_VALUE.at(block.span),))
    return replace(made, diagnostics=(*found, *made.diagnostics))


def _unreadable(block: ast.CodeBlock) -> Diagnostic | None:
    """What no language can be asked about."""
    if len(block.code) > MAX_LENGTH:
        problem = f"longer than {MAX_LENGTH:,} characters"
        return code.BLOCK_LIMIT.at(block.span, problem=problem)
    found = _UNREADABLE.search(block.code)
    if found is None:
        return None
    at = block.code_start + found.start()
    return code.BLOCK_SYNTAX.at(Span(at, at + 1), problem="this character cannot stand in a block")
