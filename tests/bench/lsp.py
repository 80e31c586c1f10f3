"""How long an editor waits for the language server: files of 100, 1,000 and 10,000 lines, also in one block, a workspace of 1,000 files.

`python -m tests.bench.lsp [ROUNDS]` drives the real server over its standard streams, prints p50, p95 and p99 of each method in
milliseconds, and writes tests/bench/results/lsp.json.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.lsp.wire import ServerError, Wire, position

RESULTS = Path(__file__).parent / "results"

ACTIONS = {
    "crm.get_customer": "customer\tinteger|name\tstring|address\tobject|mail\tstring",
    "payment.charge": "amount\tnumber,card\tstring|result\tboolean",
    "price": "item\tany|price\tnumber|item\tany",
}
BLOCKS = {"try:": "\t\tcatch:\n\t\t\treturn\n", "while v.total < 1000:": ""}
HEAD = """\
## Orders what a customer asked for.
workflow {name}:
	in:
		customer	integer
		items	array
		card	string	'none'
	out:
		result	boolean
		total	number	optional
		log	string
	config:
		max_steps = 100000
	wfomap:
		<result>
		total = ifdef(v.total)
		<log>
	do:
		eval:
			total = 0
			result = false
			log = ''
"""
PART = """\
		call crm.get_customer:
			customer = a.customer + {n}
		into:
			<name> <address>
			mail = o.mail // 'nobody@example.com'
		if v.address.country eq 'DE' and length(a.items) > {n}:
			eval:
				rate = 0.19
		else:
			eval:
				rate = 0.2 - {n} / 100
				log .= 'no. {n} for ' . v.name . ', ' . v.mail
		call price:
			item = a.items[{n}]
		into:
			total += o.price
		try:
			call payment.charge:
				amount = v.total * (1 + v.rate)
				card = a.card
			into:
				<result>
		catch:
			eval:
				log .= 'failed: ' . e.'_error'.msg
"""
EDITED = "total += o.price"
LINE = -1  # to be removed: the line, and not so many letters

AT_A_PLACE = (
    *("hover", "completion", "signatureHelp", "definition", "declaration", "typeDefinition"),
    *("implementation", "documentHighlight", "prepareRename", "prepareCallHierarchy"),
    "linkedEditingRange",
)
OF_A_FILE = (
    *("documentSymbol", "foldingRange", "documentLink", "semanticTokens/full", "codeLens"),
    "diagnostic",
)


def workflow(name: str, lines: int) -> str:
    """A workflow of about so many lines."""
    parts = max((lines - HEAD.count("\n")) // PART.count("\n"), 1)
    return HEAD.format(name=name) + "".join(PART.format(n=n) for n in range(parts))


def in_one_block(lines: int, header: str, behind: str) -> str:
    """A workflow of about so many lines, nearly all of them in one block."""
    head = HEAD.format(name="big")
    body = workflow("big", lines).removeprefix(head)
    return f"{head}\t\t{header}\n" + "".join(f"\t{line}\n" for line in body.splitlines()) + behind


def action(name: str, spec: str) -> str:
    inputs, *outputs = spec.split("|")
    lines = [f"action {name}:", "\tin:"]
    lines += [f"\t\t{one}" for one in inputs.split(",")]
    lines += ["\tout:", *(f"\t\t{one}" for one in outputs)]
    return "\n".join(lines) + "\n"


def write(folder: Path, files: dict[str, str]) -> None:
    (folder / "jcc.toml").write_text("")
    for name, spec in ACTIONS.items():
        (folder / f"{name}.ac").write_text(action(name, spec))
    for name, text in files.items():
        (folder / name).write_text(text)


class Bench:
    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.figures: dict[str, dict[str, float]] = {}

    def report(self, what: str, seconds: list[float]) -> None:
        parts = statistics.quantiles([s * 1000 for s in seconds], n=100, method="inclusive")
        row = {"p50": parts[49], "p95": parts[94], "p99": parts[98]}
        self.figures[what] = {key: round(value, 2) for key, value in row.items()}
        print(f"{what:<56}" + "".join(f"{value:10.2f}" for value in row.values()), flush=True)

    def single(self, what: str, value: float, unit: str) -> None:
        self.figures[what] = {unit: round(value, 2)}
        print(f"{what:<56}{value:10.2f} {unit}", flush=True)


def main(rounds: int = 100) -> None:
    bench = Bench(rounds)
    print(f"{'milliseconds':<56}{'p50':>10}{'p95':>10}{'p99':>10}")
    for lines, definitions in ((100, 1), (1_000, 10), (1_000, 1), (10_000, 100), (10_000, 1)):
        one_file(bench, lines, definitions)
    for header, behind in BLOCKS.items():
        in_a_block(bench, 10_000, header, behind)
    many_files(bench, 1_000, 100)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "lsp.json").write_text(json.dumps(bench.figures, indent=2) + "\n")


def one_file(bench: Bench, lines: int, definitions: int) -> None:
    each = lines // definitions
    text = "\n".join(workflow(f"order_{n}" if n else "big", each) for n in range(definitions))
    title = f"{lines:,} lines" + (f" in {definitions} definitions" if definitions > 1 else "")
    with opened(bench, title, text) as editor:
        editor.type()
        editor.ask_everything()
        editor.edit_in_all_ways()


def in_a_block(bench: Bench, lines: int, header: str, behind: str) -> None:
    text = in_one_block(lines, header, behind)
    with opened(bench, f"{lines:,} lines in one {header.strip(':').split()[0]}", text) as editor:
        editor.type()
        editor.edit_in_all_ways()


@contextmanager
def opened(bench: Bench, title: str, text: str) -> Iterator[Editor]:
    """An editor with one file."""
    with tempfile.TemporaryDirectory() as name, Wire.start() as wire:
        folder = Path(name)
        write(folder, {"big.wf": text})
        wire.initialize(folder)
        editor = Editor(wire, bench, title, (folder / "big.wf").as_uri(), text)
        editor.open()
        yield editor
        wire.leave()


def many_files(bench: Bench, count: int, lines: int) -> None:
    title = f"{count:,} files of {lines} lines"
    files = {f"order_{n}.wf": workflow(f"order_{n}", lines) for n in range(count)}
    with tempfile.TemporaryDirectory() as name, Wire.start() as wire:
        folder = Path(name)
        write(folder, files)
        begun = perf_counter()
        wire.initialize(folder)
        wire.call("workspace/symbol", {"query": "order_999"})
        bench.single(f"{title}: indexed", perf_counter() - begun, "s")
        last = f"order_{count - 1}.wf"
        editor = Editor(wire, bench, title, (folder / last).as_uri(), files[last])
        editor.open()
        begun = perf_counter()
        wire.call("workspace/diagnostic", {"previousResultIds": []})
        bench.single(f"{title}: all checked", perf_counter() - begun, "s")
        editor.type()
        editor.type_in_action(folder / "price.ac")
        editor.ask_everything()
        assert wire.process is not None
        bench.single(f"{title}: memory", memory(wire.process.pid), "MB")
        wire.leave()


def memory(process: int) -> float:
    """The resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


class Editor:
    """One file open in an editor: what is typed and asked in it, in the middle of the file."""

    def __init__(self, wire: Wire, bench: Bench, title: str, uri: str, text: str) -> None:
        self.wire, self.bench, self.title, self.uri, self.text = wire, bench, title, uri, text
        self.lines = text.split("\n")
        middle = len(self.lines) // 2
        self.line = next(n for n in range(middle, len(self.lines)) if EDITED in self.lines[n])
        self.column = self.lines[self.line].index("price")
        self.version = 1

    def open(self) -> None:
        begun = perf_counter()
        self.wire.open(self.uri, self.text)
        answer = self.wire.published(self.uri)
        self.bench.single(f"{self.title}: opened", (answer.at - begun) * 1000, "ms")
        assert answer.message["params"]["diagnostics"] == [], "the file is meant to be clean"

    def type(self) -> None:
        """A letter into a name, and away again: a mistake that comes and goes."""
        place = self.line, self.column
        self._type("keystroke to findings", place, (0, "x"), (1, ""))

    def edit_in_all_ways(self) -> None:
        """Other edits than a letter, and what is asked right after one."""
        line = self.lines[self.line]
        deep = len(line) - len(line.lstrip())
        there = self.line, line.index("+=")
        below = self.line + 1, 0
        self._type("a new line, to findings", below, (0, "\n"), (LINE, ""))
        self._type(
            "a statement more, to findings", below, (0, line[: deep - 1] + "sleep 1\n"), (LINE, "")
        )
        self._type("another type of a variable, to findings", there, (2, ".="), (2, "+="))
        self._type("another variable, to findings", (self.line, deep), (0, "x"), (1, ""))
        nested = self.line + 5, len(self.lines[self.line + 5])
        self._type("a letter in a nested block, to findings", nested, (0, "x"), (1, ""))
        for method in ("hover", "completion"):
            self._ask_after_edits(method)

    def _type(self, what: str, place: tuple[int, int], *changes: tuple[int, str]) -> None:
        seconds = [
            self._edit(self.uri, *place, *change)
            for _ in range(self.bench.rounds // len(changes))
            for change in changes
        ]
        self.bench.report(f"{self.title}: {what}", seconds)

    def _ask_after_edits(self, method: str) -> None:
        """The answer to a question that comes with the findings of an edit."""
        params = {
            "textDocument": {"uri": self.uri},
            "position": position(self.line, self.column),
        }
        seconds = []
        for _ in range(self.bench.rounds // 2):
            for removed, added in ((0, "x"), (1, "")):
                self._edit(self.uri, self.line, self.column, removed, added)
                begun = perf_counter()
                answer = self.wire.answer(self.wire.ask(f"textDocument/{method}", params))
                seconds.append(answer.at - begun)
        self.bench.report(f"{self.title}: {method} right after an edit", seconds)

    def _edit(self, uri: str, line: int, column: int, removed: int, added: str) -> float:
        self.version += 1
        end = (line + 1, 0) if removed == LINE else (line, column + removed)
        begun = perf_counter()
        self.wire.edit(uri, self.version, (line, column), end, added)
        return self.wire.published(uri).at - begun

    def type_in_action(self, file: Path) -> None:
        """A letter into an output's name, which makes every caller wrong: until the open caller knows."""
        text = file.read_text()
        line = next(n for n, found in enumerate(text.split("\n")) if found == "\t\tprice\tnumber")
        self.wire.open(file.as_uri(), text)
        self.wire.published(file.as_uri())
        seconds = []
        for _ in range(self.bench.rounds // 2):
            for removed, added in ((0, "x"), (1, "")):
                self.version += 1
                begun = perf_counter()
                place = (line, 2), (line, 2 + removed)
                self.wire.edit(file.as_uri(), self.version, *place, added)
                seconds.append(self.wire.published(self.uri).at - begun)
        self.bench.report(f"{self.title}: keystroke to a caller's findings", seconds)

    def ask_everything(self) -> None:
        for method, params in self._questions():
            seconds = []
            for _ in range(max(self.bench.rounds // 5, 10)):
                begun = perf_counter()
                answer = self.wire.answer(self.wire.ask(method, params))
                seconds.append(answer.at - begun)
                if "error" in answer.message:
                    raise ServerError(f"{method}: {answer.message['error']}")
            self.bench.report(f"{self.title}: {method.removeprefix('textDocument/')}", seconds)

    def _questions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        document = {"textDocument": {"uri": self.uri}}
        at = {**document, "position": position(self.line, self.column)}
        view = {"start": position(self.line, 0), "end": position(self.line + 50, 0)}
        window = {"start": position(self.line, 0), "end": position(self.line + 1, 0)}
        options = {"options": {"tabSize": 8, "insertSpaces": False}}
        for method in AT_A_PLACE:
            yield f"textDocument/{method}", at
        yield "textDocument/references", {**at, "context": {"includeDeclaration": True}}
        yield "textDocument/rename", {**at, "newName": "cost"}
        yield "textDocument/selectionRange", {**document, "positions": [at["position"]]}
        for method in OF_A_FILE:
            yield f"textDocument/{method}", document
        yield "textDocument/inlayHint", {**document, "range": view}
        yield "textDocument/semanticTokens/range", {**document, "range": view}
        yield (
            "textDocument/codeAction",
            {**document, "range": window, "context": {"diagnostics": []}},
        )
        yield "textDocument/formatting", {**document, **options}
        yield "textDocument/onTypeFormatting", {**at, **options, "ch": "\n"}
        yield "workspace/symbol", {"query": "ord"}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
