"""Completion: what may be typed at a place. `complete` is the way in; each other module knows one kind of place."""

from __future__ import annotations

from jcc_lsp.ide.completion.complete import complete
from jcc_lsp.ide.completion.items import Completions, Item, ItemKind

__all__ = ["Completions", "Item", "ItemKind", "complete"]
