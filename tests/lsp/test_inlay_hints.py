"""Hints between the words."""

from __future__ import annotations

from jcc.source import Span
from jcc.workspace import Workspace
from jcc_lsp.ide.inlay_hints import inlay_hints

ADD = """\
action add:
	in:
		counter	number
		step	number	1
		mode	string	'a b'
		list	array	[1, 2]
	out:
		counter	number
		log	string	optional
"""


def shown(text: str, span: Span | None = None) -> str:
    """The text with the hints in it."""
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("test.wf", text)
    found = inlay_hints(workspace, "test.wf", span or Span(0, len(text)))
    for hint in sorted(found, key=lambda hint: hint.offset, reverse=True):
        text = f"{text[: hint.offset]}«{hint.text}»{text[hint.offset :]}"
    return text


def test_the_type_of_a_variable_where_it_is_first_set() -> None:
    text = (
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1\n\t\t\tx = 'a'\n\t\t\ty ,= v.x\n\t\t\tz.a = 1\n"
    )
    assert shown(text) == (
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx«: integer» = 1\n\t\t\tx = 'a'\n\t\t\ty«: string[]» ,= v.x\n\t\t\tz.a = 1\n"
    )


def test_what_comes_out_of_a_call() -> None:
    text = "workflow w:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\t<counter, log>\n"
    assert "<counter«: number», log«: string?»>" in shown(text)


def test_defaults_of_inputs_that_are_left_out() -> None:
    call = "workflow w:\n\tdo:\n\t\tcall add:{}\n\t\t\tcounter = 1\n\t\t\t<step>\n"
    assert shown(call.format("")) == call.format("«mode = 'a b', list = array(1, 2)»")


def test_nothing_where_all_inputs_may_be_given() -> None:
    for line in ("<*>", "[[ i = v ]]", "i[v.x] = 1"):
        text = f"workflow w:\n\tdo:\n\t\tcall add:\n\t\t\t{line}\n"
        assert shown(text) == text


def test_blocks_give_what_they_name() -> None:
    text = (
        "workflow w:\n\tdo:\n\t\tcall add:\n\t\t\t[[ i.counter = 1; i.mode = 'x'; i.list = [] ]]\n"
    )
    assert "call add:«step = 1»\n" in shown(text)


def test_only_the_part_that_is_asked_for() -> None:
    text = "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1\n\t\teval:\n\t\t\ty = 1\n"
    assert shown(text, Span(0, text.index("y"))).count("«") == 1


def test_long_types_are_cut_off() -> None:
    fields = ", ".join(f"field{n}: 'text'" for n in range(9))
    text = f"workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = object({fields})\n"
    assert 'x«: {field0: "text", field1: "text", field2…» = object' in shown(text).replace(
        "string", '"text"'
    )
