"""What each word is shown as."""

from __future__ import annotations

from jcc.workspace import Workspace
from jcc_lsp.ide.semantic_tokens import Modifier, semantic_tokens
from tests.lsp.marked import ADD

TEXT = """\
## The first.
workflow test:
	in:
		input	number
	config:
		max_steps = 200
	locks:
		zone	_	manual
	wfomap:
		output = v.thing
	do:
		label again
		eval:
			<input> # a comment
			thing = a.input + 0x1F . 'text'
			order.lines = concat(v.thing, null)
		if v.thing =~ /x/ and a.input:
			goto again
		lock zone a.input
		call add:
			counter = e.job_id
		into:
			[[ v.thing = o.counter ]]
"""


def shown(text: str) -> list[str]:
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("test.wf", text)
    found = []
    for token in semantic_tokens(workspace, "test.wf"):
        word = text[token.span.start : token.span.end]
        modifiers = "".join(f" {modifier.value}" for modifier in token.modifiers)
        found.append(f"{word}: {token.type.value}{modifiers}")
    return found


def test_words() -> None:
    assert shown(TEXT) == [
        "## The first.: comment documentation",
        "workflow: keyword",
        "test: class declaration",
        "in: keyword",
        "input: parameter declaration",
        "number: type defaultLibrary",
        "config: keyword",
        "max_steps: property declaration",
        "=: operator",
        "200: number",
        "locks: keyword",
        "zone: enumMember declaration",
        "manual: keyword",
        "wfomap: keyword",
        "output: property modification",
        "=: operator",
        "v: namespace",
        "thing: variable",
        "do: keyword",
        "label: keyword",
        "again: label declaration",
        "eval: keyword",
        "<: operator",
        "input: variable modification",
        ">: operator",
        "# a comment: comment",
        "thing: variable modification",
        "=: operator",
        "a: namespace readonly",
        "input: parameter",
        "+: operator",
        "0x1F: number",
        ".: operator",
        "'text': string",
        "order: variable modification",
        "lines: property",
        "=: operator",
        "concat: method defaultLibrary",
        "v: namespace",
        "thing: variable",
        "null: keyword",
        "if: keyword",
        "v: namespace",
        "thing: variable",
        "=~: operator",
        "/x/: regexp",
        "and: operator",
        "a: namespace readonly",
        "input: parameter",
        "goto: keyword",
        "again: label",
        "lock: keyword",
        "zone: enumMember",
        "a: namespace readonly",
        "input: parameter",
        "call: keyword",
        "add: function",
        "counter: parameter modification",
        "=: operator",
        "e: namespace readonly",
        "job_id: variable readonly",
        "into: keyword",
        "thing: variable modification",
        "counter: property",
    ]


def test_words_of_the_language_are_names_where_they_cannot_be_keywords() -> None:
    found = shown("workflow test:\n\tdo:\n\t\teval:\n\t\t\tlock = v.if x v.not\n")
    assert found[4:] == [
        "lock: variable modification",
        "=: operator",
        "v: namespace",
        "if: variable",
        "x: operator",
        "v: namespace",
        "not: variable",
    ]


def test_comments_of_several_lines_are_cut_into_lines() -> None:
    found = shown("#[[ one\r\ntwo #]]\n")
    assert found == ["#[[ one: comment", "two #]]: comment"]


def test_an_edit_elsewhere_keeps_the_answer() -> None:
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("test.wf", TEXT)
    before = semantic_tokens(workspace, "test.wf")
    workspace.set_text("other.wf", "workflow other:\n\tdo:\n\t\tsleep 1\n")
    assert semantic_tokens(workspace, "test.wf") is before


def test_modifiers_fit_into_the_numbers_of_the_protocol() -> None:
    assert len(Modifier) < 30
