"""The variables of a Python block: which mentions mean the same one."""

from __future__ import annotations

import pytest

from jcc.frontend.codeblocks.python_locals import locals_of


def marked(code: str) -> str:
    """The block with the number of its scope behind each mention of a variable, and `!` where it is set."""
    found = sorted(
        (
            (one.span.end, f"{one.scope}{'!' if one.write else ''}")
            for one in locals_of(code, 0, "aev")
            if one.span
        ),
        reverse=True,
    )
    for end, note in found:
        code = f"{code[:end]}<{note}>{code[end:]}"
    return code


@pytest.mark.parametrize(
    "expected",
    [
        "x<0!> = a.x; v.x = x<0>",
        "x<0!> += 1",
        "for x<0!>, y<0!> in e.items(): v.z = [x<0>, y<0>]",
        # A function's own, one from around it, and a parameter that is named in a call.
        "n<0!> = 1\ndef f<0!>(x<1!>, y<1!>=n<0>):\n  z<1!> = x<1> + n<0>\n  return z<1>\nv.q = f<0>(x<1>=2, y<1>=n<0>)",
        "def f<0!>(): return later<0>\nlater<0!> = 1",
        "def f<0!>(v<1!>): return v<1>.x\nv.y = f<0>(v)",
        # What a comprehension sets is its own, but for what `:=` sets.
        "x<0!> = 1\nv.y = [x<1> for x<1!> in range(x<0>) if (w<0!> := x<1>)]\nv.w = w<0>",
        "v.y = {k<1>: w<1> for k<1!> in v.a for w<1!> in k<1>}",
        "f<0!> = lambda x<1!>: x<1> + 1",
        'x<0!> = 1\nv.y = f"{x<0>} {x<0>:>{x<0>}} x {x<0>!r}"',
        "ä<0!> = '€'; v.x = ä<0>",
        "v = 1; length(v.x)",
        "x = (",
    ],
)
def test_each_mention_means_the_variable_of_its_scope(expected: str) -> None:
    import re

    assert marked(re.sub(r"<\d!?>", "", expected)) == expected


def test_places_are_those_of_the_file() -> None:
    code = "\r\n\t\t\tx = 1\r\n\t\t\tif x:\r\n\t\t\t\tv.y = x"
    found = [one.span.start - 100 for one in locals_of(code, 100, "v") if one.span]
    assert [code[at] for at in found] == ["x", "x", "x"]
