"""The flow of a workflow that was edited is that of its text."""

from __future__ import annotations

import pytest

from jcc.workspace import Workspace
from tests.frontend.known import orders_of

BODY = """\
try:
	sleep 1
	sleep 2
catch:
	sleep 3
	sleep 4
if v.x:
	sleep 5
	sleep 6
else:
	sleep 7
	sleep 8
repeat:
	sleep 9
until v.y
"""


def workspace(text: str, edited: bool = False) -> Workspace:
    found = Workspace(is_edited=lambda path: edited)
    put(found, text)
    return found


def put(workspace: Workspace, text: str) -> None:
    body = "".join(f"\t\t{line}\n" for line in text.splitlines())
    workspace.set_text("edited.wf", f"workflow w:\n\tdo:\n{body}")


@pytest.mark.parametrize("gone", ["catch:\n", "else:\n", "until v.y\n", "repeat:\n", "try:\n"])
def test_statements_that_come_to_be_in_another_block(gone: str) -> None:
    edited = workspace(BODY, edited=True)
    orders_of(edited)
    for text in (BODY.replace(gone, ""), BODY):
        put(edited, text)
        assert orders_of(edited) == orders_of(workspace(text))
