"""Texts to be edited, and edits of all kinds: letters, lines, indentation, what opens and never closes, pasted pieces."""

from __future__ import annotations

import random

BIG = """\
workflow big:
	in:
		n	integer
	out:
		total	number
	config:
		max_steps = 1000
	wfenv:
		base = 3
	do:
		eval:
			total = 0
			list = array()
		while v.total < a.n:
			eval:
				total += 1
				last = v.mixed
				mixed = v.total
			if v.total > 5:
				eval:
					mixed = 'text'
					list ,= v.mixed
			case v.mixed:
			when 'text':
				eval:
					x.y.z = v.total
			else:
				eval:
					x = object(y: object(z: 'q'))
			repeat:
				call price:
					item = v.x.y.z
				into:
					<price>
				eval:
					[[ v.found = v.price ]]
			until v.price > 3 or v.found
		try:
			eval:
				u = v.x.y.z + e.base
			[perl[ $v{u} = 3 ]perl]
		catch:
			eval:
				u = 'failed' . v.unset
	wfomap:
		<total>
		<u>
"""
CALLS = """\
## Everything else.
workflow calls:
	in:
		order	order[]?
	locks:
		zone	_	manual
	do:
		label again
		lock zone 1
		split:
			callflow big:
				n = length(
					a.order
				)
			into:
				list ,= o.total
			map big using a.order:
				n = e._v
			collect:
				list ,= o.total
		interface price:
			price
		call v.which // 'price':
			<*>
		into:
			<price>
		if v.price > 3 and v.list:
			goto again
		wait_for_event:
			events = array('paid')
			timeout = 10
		into:
			event = o.event.data
		#[[ not now #]]
		return
action late:
	in:
		x	number
"""
TEXTS = (BIG, CALLS, BIG + CALLS)
OTHERS = {
    "price.ac": "action price:\n\tin:\n\t\titem\tany\n\tout:\n\t\tprice\tnumber\n",
    "big.wf": "workflow big:\n\tin:\n\t\tn\tnumber\n\tout:\n\t\ttotal\tnumber\n\tdo:\n\t\treturn\n",
    "order.schema.json": '{"type": "object", "properties": {"id": {"type": "number"}}}',
}
_LINES = (
    *("\t\teval:", "\t\t\ttotal = 'x'", "\t\t\tmixed = 3", "\t\twhile v.total < 3:", "\t\tcatch:"),
    *(
        "\t\tif v.x > 3:",
        "\t\telse:",
        "\t\tgoto again",
        "\t\tlabel again",
        "\t\treturn",
        "\t\t\t<*>",
    ),
    *("\t\t\t[[ v.total = v.zz ]]", "\t\tlock zone 1", "## doc", "\t\t\tx[v.total] = 3", ""),
    *("\t\tcall price:", "\t\tinto:", "\t\tsleep v.total", "\tdo:", "workflow two:", "#[[", "#]]"),
)
_PIECES = (
    *("x", "v.", "total", "mixed", "[[", "]]", "[perl[", "]perl]", "#", "'", '"', "\n", "\n\t\t"),
    *("\t", " ", ":", "=", "(", ")", "<x>", "\\\n", "'\\\n", "\r", "\r\n", "//", ".y", " ,= ", "é"),
    *("\ufeff", "\x0c", "elif v.x:\n", "else:\n", "evla:\n", "1e3", ";", "# jcc: ignore[JCC201]\n"),
)


def edited(choose: random.Random, text: str) -> str:
    """The text after some edit; one that has become long, or is broken for long, begins anew."""
    if choose.random() < 0.06 or len(text) > 4000:
        return choose.choice(TEXTS)
    kind = choose.choice((_typed, _typed, _deleted, _line_added, _lines_changed, _pasted))
    return kind(choose, text)


def lines_edited(choose: random.Random, text: str) -> str:
    """The text with some lines more, or less, or indented otherwise."""
    return choose.choice((_line_added, _lines_changed))(choose, text)


def _typed(choose: random.Random, text: str) -> str:
    at = choose.randrange(len(text) + 1)
    return text[:at] + choose.choice(_PIECES) + text[at:]


def _deleted(choose: random.Random, text: str) -> str:
    at = choose.randrange(len(text) + 1)
    return text[:at] + text[at + choose.choice((1, 1, 1, 1, 5, 40, 5000)) :]


def _pasted(choose: random.Random, text: str) -> str:
    other = choose.choice(TEXTS)
    start, at = choose.randrange(len(other)), choose.randrange(len(text) + 1)
    return text[:at] + other[start : start + choose.choice((10, 100, 400))] + text[at:]


def _line_added(choose: random.Random, text: str) -> str:
    lines = text.split("\n")
    lines.insert(choose.randrange(len(lines) + 1), choose.choice(_LINES))
    return "\n".join(lines)


def _lines_changed(choose: random.Random, text: str) -> str:
    """Some lines deleted, copied elsewhere, or indented otherwise."""
    lines = text.split("\n")
    start, to = choose.randrange(len(lines)), choose.randrange(len(lines))
    end = start + choose.randrange(1, 6)
    some = lines[start:end]
    match choose.randrange(4):
        case 0:
            lines[start:end] = []
        case 1:
            lines[to:to] = some
        case 2:
            lines[start:end] = ["\t" + line for line in some]
        case _:
            lines[start:end] = [line.removeprefix("\t") for line in some]
    return "\n".join(lines)
