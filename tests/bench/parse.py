"""How many lines a second the lexer and the parser take, beside lark alone and miniwdl; and how long a cold start is.

python -m tests.bench.parse [LINES]          (miniwdl: pip install --group peers)
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from jcc.frontend.lexer import tokenize
from jcc.frontend.parser import parse
from jcc.source import Source
from tests.bench._peers import parse_wdl, stock_lark, wdl

WORKFLOW = """\
## Orders what a customer asked for, number {n}.
workflow order_{n}:
	in:
		## The customer's number.
		customer	integer
		items	array[]	# what is ordered
		note	string	'none'
	out:
		result	boolean
		total_{n}	number	optional
	locks:
		customer	_	manual
	wfomap:
		<result>
		total_{n} = ifdef(v.total)
	do:
		lock customer a.customer
		call crm.get_customer:
			customer = a.customer
			fields = array('name', "address", 'mail')
		into:
			<name> <address>
			v.mail = o.mail // 'nobody@example.com'

		if v.address.country eq 'DE' and length(a.items) > {n}:
			eval:
				v.rate = 0.19
				total = 0
		elsif not v.address or v.address.country =~ /^(at|ch)$/i:
			eval:
				rate = 0.2 - {n} / 100
		else:
			raise_error 'no deliveries to ' . v.address.country
		map price using a.items:
			item = e._v
			position = e._i
		collect:
			total += o.price * (1 + v.rate)
			lines ,= object(item: o.item, 'price', o.price)
		try:
			call payment.charge_{n}:
				amount = v.total
				card = v.cards[0].number
				retries = -1
			into:
				<result>
		catch:
			case e.'_error'.class:
			when "declined", soft:
				call mail.send:
					to = v.mail
					[[ i.subject = "Your order of " + v.name ]]
			else:
				eval:
					v.log .= 'failed: ' . e.'_error'.msg . "\\n"
"""


def example(lines: int) -> str:
    """A text of at least so many lines; a code block in a map of assignments is taken out, for it is a mistake."""
    each = WORKFLOW.replace('\t\t\t\t\t[[ i.subject = "Your order of " + v.name ]]\n', "")
    return "\n".join(each.format(n=n) for n in range(lines // each.count("\n") + 1))


def best(lines: int, run: object, *arguments: object) -> float:
    assert callable(run)
    seconds = []
    for _ in range(5):
        start = perf_counter()
        run(*arguments)
        seconds.append(perf_counter() - start)
    return lines / min(seconds)


def main() -> None:
    text = example(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    lines = text.count("\n")
    source = Source("bench.wf", text)
    start = perf_counter()
    parsed = parse(source)
    print(
        f"first:  {lines / (perf_counter() - start):9,.0f} lines/s, {len(parsed.diagnostics)} findings"
    )
    print(f"tokens: {best(lines, tokenize, source):9,.0f} lines/s")
    print(f"parse:  {best(lines, parse, source):9,.0f} lines/s (lexer and parser, {lines} lines)")
    _peers(text)
    program = "from jcc.frontend.parser import parse\nfrom jcc.source import Source\n"
    small = f"parse(Source('a.wf', {example(1)!r}))"
    for name, code in (("import", program), ("import and first file", program + small)):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        print(f"cold {name}: {(perf_counter() - start) * 1000:.0f} ms")


def _peers(text: str) -> None:
    """The same text by lark alone, and WDL of the same size by miniwdl. Both parse only, as `parse` above."""
    lines = text.count("\n")
    print(
        f"peers:  {best(lines, stock_lark().parse, text):9,.0f} lines/s, lark alone ({lines} lines)"
    )
    document = wdl(lines)
    try:
        rate = best(document.count("\n"), parse_wdl, document)
    except ImportError:
        print("peers:  miniwdl is not installed: pip install --group peers")
    else:
        print(f"peers:  {rate:9,.0f} lines/s, miniwdl ({document.count(chr(10))} lines of WDL)")


if __name__ == "__main__":
    main()
