"""What the random session begins with, and what it types and asks."""

from __future__ import annotations

from tests.bench.lsp import workflow
from tests.frontend.edits import BIG

FILES = {
    "add.ac": """\
action add:
	in:
		## What is counted.
		counter	number
		step	number	1
	out:
		counter	number
""",
    "shapes.ac": """\
action shape:
	in:
		size	number
	out:
		area	number

action circle:
	interface shape:
""",
    "main.wf": """\
## Everything in one.
workflow main:
	in:
		input	number
		order	order[]?
	out:
		output	number
	wfenv:
		rate = 3
	locks:
		customer	_	manual
		zone	_	manual
	do:
		label again
		lock customer a.input
		lock zone 1
		call add:
			counter = a.input
		into:
			<counter>
		split:
			callflow other:
				<counter>
			into:
				list ,= o.result
			map other using a.order:
				counter = e._v
			collect:
				list ,= o.result
		interface shape:
			circle
		call v.which // 'circle':
			size = 3
		into:
			<area>
		if v.area > 3 and v.counter < 10:
			goto again
		try:
			eval:
				[[ v.sum = sum(v.list) ]]
		catch:
			raise_error 'no sum: ' . e._error.msg
	wfomap:
		output = v.sum
""",
    "long.wf": workflow("long", 150),
    "loops.wf": BIG.replace("workflow big", "workflow loops"),
    "other.wf": """\
workflow other:
	in:
		counter	number
	out:
		result	number
	locks:
		zone	_	manual
		customer	_	manual
	do:
		lock zone 1
		lock customer a.counter
		subscribe:
			name = 'paid'
			mask = object(id: a.counter)
		wait_for_event:
			events = array('paid')
			timeout = 10
		into:
			event = o.event.data
		eval:
			[[ $v{result} = $a{counter} + $v{event}{amount}; ]]
	wfomap:
		<result>
""",
    "order.schema.json": '{"type": "object", "properties": {"id": {"type": "number"}}}\n',
}
PIECES = (
    *(
        "v.",
        "a.",
        "o.",
        "x",
        "[[",
        "]]",
        "#",
        "'",
        '"',
        "\n",
        "\n\t\t",
        "\t",
        " ",
        ":",
        "=",
        "(",
        ")",
    ),
    *(
        "<x>",
        "workflow new:\n",
        "action add:\n",
        "\taction late:\n",
        "call add:\n",
        "into:\n",
        "## doc\n",
    ),
    *(
        "😀",
        "\u2028",
        "\x0c",
        "\r\n",
        "é",
        "#[[",
        "#]]",
        "\\",
        "in:\n",
        "do:\n",
        "  ",
        "if true:\n",
        "label x\n",
    ),
    *(
        "# jcc: ignore[JCC201]\n",
        "# jcc: ignore-file[JCC207]\n",
        "interface shape:\n",
        "/",
        ";",
        "1e3",
        "e._v",
    ),
)
NAMES = (
    "sum",
    "x",
    "counter",
    "two words",
    "if",
    "add",
    "_hidden",
    "é",
    "result",
    "area2",
    "other.one",
)
QUESTIONS = (
    *("hover", "completion", "signatureHelp", "definition", "declaration", "typeDefinition"),
    *("implementation", "documentHighlight", "prepareRename", "prepareCallHierarchy"),
    *("linkedEditingRange", "documentSymbol", "foldingRange", "documentLink", "codeLens"),
    *("semanticTokens/full", "references", "selectionRange", "inlayHint", "codeAction"),
    *("formatting", "rangeFormatting", "onTypeFormatting", "semanticTokens/range"),
)
