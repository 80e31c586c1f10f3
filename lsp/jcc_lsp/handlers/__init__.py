"""The handlers of the protocol's methods, in groups. `ALL` is what a server has; a new module goes in there."""

from __future__ import annotations

from jcc_lsp.handlers import (
    actions,
    colours,
    commands,
    completion,
    diagnostics,
    formatting,
    hints,
    lenses,
    life,
    navigation,
    renaming,
    structure,
    texts,
)

ALL = (
    *(life, texts, diagnostics, navigation, structure, renaming, formatting),
    *(completion, hints, colours, actions, lenses, commands),
)
