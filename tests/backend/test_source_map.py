"""Back from lines of the generated Python to lines of the JCL."""

from __future__ import annotations

import pytest

from jcc.backend.source_map import jcl_line, map_message, map_traceback

PAIRS = ((4, 10), (5, 11), (9, 20))


def test_a_line_is_its_own_or_that_of_the_nearest_above() -> None:
    assert [jcl_line(PAIRS, line) for line in (1, 4, 5, 8, 9, 99)] == [None, 10, 11, 11, 20, 20]
    assert jcl_line((), 3) is None


def test_messages_speak_of_the_jcl() -> None:
    assert map_message(PAIRS, "Line 5: no. See line 9, line 2.") == (
        "Line 11: no. See line 20, line 2."
    )


def test_tracebacks_give_the_lines_of_the_module_alone() -> None:
    code = compile("\n\n\ndef inner():\n    1 / 0\n\n\n\ninner()", "<workflow w>", "exec")
    with pytest.raises(ZeroDivisionError) as raised:
        exec(code, {})
    assert map_traceback(PAIRS, raised.tb, "<workflow w>") == (20, 11)
