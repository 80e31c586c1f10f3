"""Inside of comments: the codes of `# jcc: ignore[…]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from jcc.diagnostics.registry import RULES
from jcc_lsp.ide.completion.items import Item, ItemKind
from jcc_lsp.ide.wording import Topic

_CODES: Final = re.compile(r"#+\s*jcc:\s*ignore(?:-file)?\s*\[(?:[^\]]*,)?\s*([\w-]*)\Z")
_DIRECTIVE: Final = re.compile(r"#+\s*(?:jcc:\s*)?([a-z-]*)\Z")


def items(before: str) -> tuple[str, Iterable[Item]]:
    """What is typed of a word in a comment, and what it may become; `before` is the comment up to the cursor."""
    found = _CODES.search(before)
    if found is not None:
        return found[1], [
            Item(code, ItemKind.VALUE, rule.name, topic=Topic("rule", code))
            for code, rule in sorted(RULES.items())
        ]
    found = _DIRECTIVE.fullmatch(before)
    if found is not None and "jcc:" in before:
        return found[1], [
            Item(word, ItemKind.KEYWORD, detail, f"{word}[", f"{word}[$1]")
            for word, detail in (("ignore", "in this line"), ("ignore-file", "in this file"))
        ]
    return "", ()
