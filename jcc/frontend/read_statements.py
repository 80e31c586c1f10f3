"""Reads statements: which lines may stand below a header, and which may go on with it. Lines that do not belong where
they stand are for `misplaced`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jcc.diagnostics import syntax
from jcc.frontend import ast
from jcc.frontend.build import Header
from jcc.frontend.cursor import is_header, second_kind
from jcc.frontend.layout import Layout, Line
from jcc.frontend.misplaced import MisplacedReader
from jcc.frontend.readings import NOTHING_KNOWN, Known, Reading
from jcc.frontend.tokens import ASSIGNMENTS, FOLLOWERS, STATEMENTS, Tokens

MAX_BLOCKS: Final = 100
"""How deep blocks may be nested; deeper ones would exhaust the stack of some later stage."""


class StatementReader(MisplacedReader):
    """A cursor that reads statements and blocks of them. Its methods named like keywords read what these open: they
    are given the line, already taken, and its header."""

    _depth = 0

    def __init__(self, tokens: Tokens, layout: Layout, known: Known = NOTHING_KNOWN) -> None:
        super().__init__(tokens, layout)
        self.known = known
        self.readings: list[Reading | None] = [None] * len(self.lines)

    def statement(self) -> ast.Statement:
        """Read the statement that begins with the next line, with all that belongs to it; or take it as it is known."""
        begin = self.at
        known = self.known.at(begin, self._depth)
        if known is not None:
            self.at = end = begin + known.lines
            self.readings[begin:end] = self.known.readings[begin:end]
            self.rules[begin:end] = self.known.rules[begin:end]
            return known.statement
        said = len(self.diagnostics) + len(self.told)
        statement = self._read_statement()
        is_clean = said == len(self.diagnostics) + len(self.told) and not self.full
        reading = Reading(statement, self.at - begin, self._depth)
        self.readings[begin] = reading if is_clean else None
        return statement

    def _read_statement(self) -> ast.Statement:
        line = self.lines[self.at]
        keyword = line.shape[0]
        if keyword not in _READERS or second_kind(line.shape) in ASSIGNMENTS:
            return self.unknown_statement(line)
        parsed: Header | ast.Statement | None = self.parse("statement")
        if parsed is None:
            parsed = Header(keyword, self.line_span(line))
        if not isinstance(parsed, Header):
            return parsed
        # The kind of the first token is the keyword, also where its text is a misspelling of it.
        return _READERS[keyword](self, line, parsed._replace(keyword=keyword))

    def body(self, header: Line, *enders: str) -> ast.Block:
        """The statements below a header."""
        begin = self.at
        statements: list[ast.Statement] = []
        if self._depth >= MAX_BLOCKS:
            self._too_deep(header)
            return ast.Block(span=self.end(), statements=())
        self._depth += 1
        for _ in self.block(header, enders):
            statements.append(self.statement())
        self._depth -= 1
        if self.at == begin:
            self.missing_body(header)
            return ast.Block(span=self.end(), statements=())
        return ast.Block(span=self.span_since(self.lines[begin]), statements=tuple(statements))

    def _too_deep(self, header: Line) -> None:
        self.report(
            syntax.BLOCKS_TOO_DEEP.at(
                self.word_span(header),
                limit=MAX_BLOCKS,
                help="move a part into a workflow of its own",
            )
        )
        self.skip_deeper(header.column)

    def follower(self, line: Line, *words: str) -> Line | None:
        """The next line, if it begins with one of the words and goes on with the statement that `line` opened."""
        found = self.peek()
        if found is None or found.column < line.column:
            return None
        found = self.meant_as_follower(found, line, words)
        if found.shape[0] not in words or not is_header(found.shape):
            return None
        if found.column > line.column:
            self.report_depth(found, line)
            # What is deeper than the opener is then meant to be below it.
            return found._replace(column=line.column, indent=line.indent)
        return found

    def map_of_follower(self, line: Line, word: str) -> ast.Map | None:
        """`into:` or `collect:` and the map below, if they are there."""
        found = self.follower(line, word)
        if found is None:
            return None
        self.parse("statement", found.shape)
        return self.map_below(found)

    # -- statements that call

    def call(self, line: Line, header: Header) -> ast.Statement:
        inputs, outputs = self._maps_of_call(line)
        span = self.span_since(line)
        if header.name is None:
            return ast.BrokenStatement(span=span, body=None)
        return ast.CallStatement(span=span, callee=header.name, inputs=inputs, outputs=outputs)

    def _maps_of_call(self, line: Line) -> tuple[ast.Map, ast.Map | None]:
        inputs = self.map_below(line, enders=("into",), required=False)
        return inputs, self.map_of_follower(line, "into")

    def callflow(self, line: Line, header: Header) -> ast.Statement:
        self.report(
            syntax.ONLY_IN_SPLIT.at(
                self.word_span(line),
                word="callflow",
                help="use `call`, or put it below `split:`",
            )
        )
        return self.call(line, header)

    def map(self, line: Line, header: Header) -> ast.Statement:
        return self._mapping(line, header)

    def _mapping(self, line: Line, header: Header) -> ast.MapStatement | ast.BrokenStatement:
        inputs = self.map_below(line, enders=("collect",), required=False)
        collect = self.map_of_follower(line, "collect")
        span = self.span_since(line)
        if header.name is None:
            return ast.BrokenStatement(span=span, body=None)
        return ast.MapStatement(
            span=span,
            callee=header.name,
            using=_value(header),
            inputs=inputs,
            collect=collect,
        )

    def detachflow(self, line: Line, header: Header) -> ast.Statement:
        inputs = self.map_below(line, required=False)
        span = self.span_since(line)
        if header.name is None:
            return ast.BrokenStatement(span=span, body=None)
        return ast.Detachflow(span=span, callee=header.name, inputs=inputs)

    def split(self, line: Line, header: Header) -> ast.Statement:
        begin = self.at
        branches: list[ast.Callflow | ast.MapStatement] = []
        for child in self.block(line):
            branch = self._branch(child)
            if branch is not None:
                branches.append(branch)
        if self.at == begin:
            self.missing_body(line)
        return ast.Split(span=self.span_since(line), branches=tuple(branches))

    def _branch(self, line: Line) -> ast.Callflow | ast.MapStatement | None:
        keyword = line.shape[0]
        if keyword not in ("callflow", "map") or not is_header(line.shape):
            self.not_a_branch(line)
            return None
        header: Header | None = self.parse("statement")
        header = header or Header(keyword, self.line_span(line))
        if keyword == "map":
            branch = self._mapping(line, header)
            return branch if isinstance(branch, ast.MapStatement) else None
        inputs, outputs = self._maps_of_call(line)
        if header.name is None:
            return None
        span = self.span_since(line)
        return ast.Callflow(span=span, callee=header.name, inputs=inputs, outputs=outputs)

    def interface(self, line: Line, header: Header) -> ast.Statement:
        destinations: list[ast.Name] = []
        for _ in self.block(line, ("call",)):
            name: ast.Name | None = self.parse("destination")
            if name is not None:
                destinations.append(name)
        if not destinations:
            self.missing_body(line)
        call = self.follower(line, "call")
        if call is None:
            self._incomplete(line, "interface", "`call EXPRESSION:` below its destinations")
            return ast.BrokenStatement(span=self.span_since(line), body=None)
        selector: Header | None = self.parse("selector", call.shape)
        inputs = self.map_below(call, enders=("into",), required=False)
        outputs = self.map_of_follower(line, "into")
        span = self.span_since(line)
        if header.name is None:
            return ast.BrokenStatement(span=span, body=None)
        return ast.InterfaceCall(
            span=span,
            interface=header.name,
            destinations=tuple(destinations),
            selector=_value(selector or Header("call", self.line_span(call))),
            inputs=inputs,
            outputs=outputs,
        )

    # -- statements that decide and repeat

    def if_(self, line: Line, header: Header) -> ast.Statement:
        body = self.body(line, "elsif", "else")
        arms = [ast.Arm(span=self.span_since(line), condition=_value(header), body=body)]
        otherwise: ast.Block | None = None
        while found := self.follower(line, "elsif", "else"):
            found = self.meant_as_elsif(found)
            keyword = found.shape[0]
            if otherwise is not None:
                self._out_of_order(found, keyword)
            parsed: Header | None = self.parse("statement", found.shape)
            block = self.body(found, "elsif", "else")
            if keyword == "else":
                otherwise = otherwise or block
            else:
                condition = _value(parsed or Header(keyword, self.line_span(found)))
                span = self.span_since(found)
                arms.append(ast.Arm(span=span, condition=condition, body=block))
        return ast.If(span=self.span_since(line), arms=tuple(arms), otherwise=otherwise)

    def case(self, line: Line, header: Header) -> ast.Statement:
        arms: list[ast.When] = []
        otherwise: ast.Block | None = None
        first: Line | None = None
        while (found := self.peek()) is not None and found.column >= line.column:
            found = self.meant_as_when(found, line)
            found = self.meant_as_follower(found, first or line, ("when", "else"))
            keyword = found.shape[0]
            if keyword not in ("when", "else") or not is_header(found.shape):
                if found.column == line.column:
                    break
                self.not_an_arm(found)
                continue
            first = first or found
            if found.column != first.column:
                self.report_indent(found, first)
            if otherwise is not None:
                self._out_of_order(found, keyword)
            parsed: Header | None = self.parse("statement", found.shape)
            block = self.body(found, "when", "else")
            if keyword == "else":
                otherwise = otherwise or block
            else:
                labels = parsed.labels if parsed else ()
                arms.append(ast.When(span=self.span_since(found), labels=labels, body=block))
        if not arms:
            self._incomplete(line, "case", "`when`")
        return ast.Case(
            span=self.span_since(line),
            subject=_value(header),
            arms=tuple(arms),
            otherwise=otherwise,
        )

    def while_(self, line: Line, header: Header) -> ast.Statement:
        body = self.body(line)
        return ast.While(span=self.span_since(line), condition=_value(header), body=body)

    def repeat(self, line: Line, header: Header) -> ast.Statement:
        body = self.body(line, "until")
        found = self.follower(line, "until")
        until: Header | None = None
        if found is None:
            self._incomplete(line, "repeat", "`until CONDITION` below its body")
        else:
            until = self.parse("statement", found.shape)
        condition = _value(until or Header("until", self.end()))
        return ast.Repeat(span=self.span_since(line), body=body, until=condition)

    def try_(self, line: Line, header: Header) -> ast.Statement:
        body = self.body(line, "catch")
        found = self.follower(line, "catch")
        if found is None:
            self._incomplete(line, "try", "`catch:` below its body")
            handler = ast.Block(span=self.end(), statements=())
        else:
            self.parse("statement", found.shape)
            handler = self.body(found)
        return ast.Try(span=self.span_since(line), body=body, handler=handler)

    # -- statements with a map or a message

    def eval(self, line: Line, header: Header) -> ast.Statement:
        found = self.map_below(line)
        return ast.Eval(span=self.span_since(line), keyword=header.keyword, map=found)

    def event(self, line: Line, header: Header) -> ast.Statement:
        inputs = self.map_below(line)
        return ast.EventStatement(span=self.span_since(line), keyword=header.keyword, inputs=inputs)

    def wait_for_event(self, line: Line, header: Header) -> ast.Statement:
        inputs = self.map_below(line, enders=("into",))
        outputs = self.map_of_follower(line, "into")
        return ast.WaitForEvent(span=self.span_since(line), inputs=inputs, outputs=outputs)

    def wait_for_lock(self, line: Line, header: Header) -> ast.Statement:
        inputs = self.map_below(line)
        span = self.span_since(line)
        if header.name is None:
            return ast.BrokenStatement(span=span, body=None)
        return ast.WaitForLock(span=span, type=header.name, inputs=inputs)

    def raise_error(self, line: Line, header: Header) -> ast.Statement:
        if lacking := self._lacks_value(line):
            return ast.RaiseError(span=lacking.span, message=lacking, inputs=None)
        inputs = self.map_below(line)
        return ast.RaiseError(span=self.span_since(line), message=None, inputs=inputs)

    def sleep(self, line: Line, header: Header) -> ast.Statement:
        if lacking := self._lacks_value(line):
            return ast.Sleep(span=lacking.span, duration=lacking, inputs=None)
        inputs = self.map_below(line)
        return ast.Sleep(span=self.span_since(line), duration=None, inputs=inputs)

    def _lacks_value(self, line: Line) -> ast.BrokenExpression | None:
        """Whether `sleep` or `raise_error` stands all alone, without even a colon (this has been said)."""
        below = self.peek()
        if line.first not in self.told or (below is not None and below.column > line.column):
            return None
        return ast.BrokenExpression(span=self.line_span(line))

    def assert_(self, line: Line, header: Header) -> ast.Statement:
        messages: list[ast.Expression | None] = []
        for below in self.block(line):
            if messages:
                self.second_message(below)
            messages.append(self.parse("message"))
        if not messages:
            self.missing_body(line)
        message = messages[0] if messages else None
        return ast.Assert(
            span=self.span_since(line),
            condition=_value(header),
            message=message or ast.BrokenExpression(span=self.end()),
        )

    # -- findings

    def _incomplete(self, line: Line, keyword: str, missing: str) -> None:
        self.report(syntax.INCOMPLETE.at(self.word_span(line), keyword=keyword, missing=missing))

    def _out_of_order(self, line: Line, keyword: str) -> None:
        self.report(
            syntax.OUT_OF_ORDER.at(
                self.word_span(line), word=keyword, after="else", help="`else` comes last, and once"
            )
        )


def _value(header: Header) -> ast.Expression:
    return header.expression or ast.BrokenExpression(span=header.span)


_READERS: Final[dict[str, Callable[[StatementReader, Line, Header], ast.Statement]]] = {
    "call": StatementReader.call,
    "callflow": StatementReader.callflow,
    "map": StatementReader.map,
    "detachflow": StatementReader.detachflow,
    "split": StatementReader.split,
    "interface": StatementReader.interface,
    "if": StatementReader.if_,
    "case": StatementReader.case,
    "while": StatementReader.while_,
    "repeat": StatementReader.repeat,
    "try": StatementReader.try_,
    "eval": StatementReader.eval,
    "let": StatementReader.eval,
    "subscribe": StatementReader.event,
    "unsubscribe": StatementReader.event,
    "raise_event": StatementReader.event,
    "wait_for_event": StatementReader.wait_for_event,
    "wait_for_lock": StatementReader.wait_for_lock,
    "raise_error": StatementReader.raise_error,
    "sleep": StatementReader.sleep,
    "assert": StatementReader.assert_,
    **dict.fromkeys(FOLLOWERS, StatementReader.unmatched),
    **dict.fromkeys(("lock", "unlock", "label", "goto", "return"), StatementReader.broken),
}
assert _READERS.keys() == STATEMENTS | FOLLOWERS.keys(), "every statement has a reader"
