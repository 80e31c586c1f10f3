"""Python of the user's as the body of a function. libcst gives the statements their place: what lies in a string of several lines is
not moved, and a comment alone is no statement."""

from __future__ import annotations

from functools import cache

import libcst as cst


def indented(text: str) -> tuple[str, int] | None:
    """The statements of a text a level deeper, and how many lines at its end are left out; None where there is no statement."""
    module = cst.parse_module(text)
    if not module.body:
        return None
    first, *others = module.body
    first = first.with_changes(leading_lines=(*module.header, *first.leading_lines))
    function = _function().with_changes(body=cst.IndentedBlock([first, *others]))
    _, _, body = cst.Module([function]).code.partition("\n")
    return body, len(module.footer)


@cache
def _function() -> cst.FunctionDef:
    return cst.ensure_type(cst.parse_statement("def function():\n    pass\n"), cst.FunctionDef)
