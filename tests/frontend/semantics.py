"""Shared by the tests of inference and of the checks: a workflow around a few lines, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

from jcc.diagnostics import Diagnostic
from jcc.frontend.analyse import analyse
from jcc.frontend.model import SemanticModel
from jcc.frontend.parser import parse
from jcc.frontend.signatures import exports
from jcc.source import Source

LIBRARY = """
action add:
	in:
		counter	number
		step	number	1
	out:
		counter	number
		note	string	optional

action fetch:
	in:
		key	string
	out:
		names	string[]
		found	boolean
		data	object
		anything	any

workflow child:
	in:
		input	number
	out:
		output	number
	wfomap:
		output = a.input
	do:
		sleep 1
"""

INPUTS = """
	in:
		n	number
		s	string
		flag	boolean
		list	string[]
		maybe	number?
		x	any
"""


def workflow(body: str, sections: str = "") -> str:
    """The text of workflow `w` with the inputs of INPUTS, more sections, and a body."""
    sections = indent(dedent(sections).strip("\n"), "\t")
    body = indent(dedent(body).strip("\n"), "\t\t")
    return f"workflow w:{INPUTS}{sections}\n\tdo:\n{body}\n"


def analysed(
    text: str, schemas: Mapping[str, object] | None = None
) -> tuple[Source, SemanticModel, tuple[Diagnostic, ...]]:
    """The last definition of a text, with LIBRARY beside it; the text must be free of syntax errors."""
    source = Source("w.wf", text)
    parsed = parse(source)
    assert parsed.diagnostics == ()
    library = exports(parse(Source("library.wf", LIBRARY)).file, "library.wf")
    catalog = {entry.name: entry for entry in (*library, *exports(parsed.file, "w.wf"))}
    model, found = analyse(parsed.file.definitions[-1], "w.wf", catalog, schemas or {})
    return source, model, found


def findings(text: str) -> list[str]:
    """What was found, each as `JCC201 add`: the code and the words of the text that it stands at."""
    source, _, found = analysed(text)
    return [f"{d.code} {source.text[d.span.start : d.span.end]}" for d in found]
