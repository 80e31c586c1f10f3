"""What the translation of a Perl block keeps while it runs: the Python lines so far, scopes, findings.

An expression becomes a Python expression; what Python cannot say inside one (an assignment, a loop of `map`) becomes lines
before it. So the value of every method here is Python source, and `self.lines` may have grown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from jcc.diagnostics import Diagnostic, code
from jcc.frontend.codeblocks.block import LETTERS, Setting, Use
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.nearest import did_you_mean
from jcc.source import Span

# Python nests no more than 20 loops, and its parser no more than some 90 calls once the sandbox has added its own.
MAX_DEPTH = 36
MAX_LOOPS = 12

_PREFIX = {"$": "s", "@": "l", "%": "h"}
_STABLE = re.compile(
    r"\*?(?:t\d+|[hl]_\w+|[aeiotv]|-?\d+|None|True|False|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\Z"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of Python and the offset in the JCL text that it came from."""

    indent: int
    text: str
    origin: int


@dataclass(slots=True)
class Binding:
    """A variable's Python name. `array` and `index` are names too, where it stands for an item of an array (a loop's
    variable): writing it writes the item. `level` is the function that it lives in."""

    name: str
    level: int
    array: str = ""
    index: str = ""
    written: bool = False


@dataclass(slots=True)
class Loop:
    """`step` is what `next` must do first. A `barrier` cannot be left by `next` or `last` (the body of a map)."""

    step: tree.Expression | None = None
    barrier: bool = False


class State(ABC):
    """`text` begins at offset `base` of the JCL file. `captures`: the block reads `$1`, `$&` or `$+{…}` somewhere."""

    def __init__(self, text: str, base: int, setting: Setting, captures: bool) -> None:
        self.text = text
        self.base = base
        self.setting = setting
        self.captures = captures
        self.lines: list[Line] = []
        self.diagnostics: list[Diagnostic] = []
        self.uses: list[Use] = []
        self.complete = True
        self.origin = 0
        self.indent = 0
        self.depth = 0
        self.level = 0
        self.positions = False
        self.loops: list[Loop] = []
        self.scopes: list[dict[tuple[str, str], Binding]] = [{}]
        self._taken: set[str] = set()
        self._temporaries = 0

    @abstractmethod
    def scalar(self, node: tree.Expression) -> str:
        """The Python expression of a node in scalar context."""

    @abstractmethod
    def parts(self, node: tree.Expression) -> list[str]:
        """A node in list context: what stands between the brackets of a Python list (`x`, `*xs`)."""

    # -- lines ----------------------------------------------------------------------------------------------------

    def emit(self, text: str) -> None:
        self.lines.append(Line(self.indent, text, self.origin))

    def temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def keep(self, value: str) -> str:
        """A name or literal for `value`: it is computed once, here."""
        if _STABLE.match(value):
            return value
        name = self.temporary()
        self.emit(f"{name} = {value}")
        return name

    @contextmanager
    def indented(self) -> Iterator[None]:
        self.indent += 1
        start = len(self.lines)
        try:
            yield
            if len(self.lines) == start:
                self.emit("pass")
        finally:
            self.indent -= 1

    @contextmanager
    def apart(self) -> Iterator[list[Line]]:
        """Collect the lines of the body in a list of their own."""
        saved, self.lines = self.lines, []
        try:
            yield self.lines
        finally:
            self.lines = saved

    @contextmanager
    def aside(self) -> Iterator[list[Line]]:
        """Collect the lines of the body, one level deeper, in a list of their own."""
        with self.apart() as lines:
            self.indent += 1
            try:
                yield lines
            finally:
                self.indent -= 1

    def ordered(self, producers: Sequence[Callable[[], str]]) -> list[str]:
        """The values of several expressions, from left to right even where a later one needs lines before it."""
        lists = [partial(_one, produce) for produce in producers]
        return [value for (value,) in self.ordered_parts(lists)]

    def ordered_parts(self, producers: Sequence[Callable[[], list[str]]]) -> list[list[str]]:
        """The same for parts of lists."""
        values: list[list[str]] = []
        for produce in producers:
            mark = len(self.lines)
            parts = produce()
            if len(self.lines) > mark:
                with self.apart() as saved:
                    values = [[self._keep_part(part) for part in earlier] for earlier in values]
                self.lines[mark:mark] = saved
            values.append(parts)
        return values

    def _keep_part(self, part: str) -> str:
        return f"*{self.keep(part[1:])}" if part.startswith("*") else self.keep(part)

    @contextmanager
    def deeper(self, span: Span) -> Iterator[None]:
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                raise Unreadable(code.BLOCK_LIMIT.at(span, problem="nested too deeply"))
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def loop(self, span: Span, loop: Loop) -> Iterator[None]:
        if len(self.loops) >= MAX_LOOPS:
            raise Unreadable(code.BLOCK_LIMIT.at(span, problem="nested too deeply"))
        self.loops.append(loop)
        try:
            yield
        finally:
            self.loops.pop()

    # -- findings -------------------------------------------------------------------------------------------------

    def outside(self, construct: str, span: Span, help: str) -> Unreadable:
        return Unreadable(code.PERL_SUBSET.at(span, construct=construct, help=help))

    def undeclared(self, node: tree.Variable) -> Unreadable:
        name = f"{node.sigil}{node.name}"
        known = [sigil + text for scope in self.scopes for sigil, text in scope]
        help = did_you_mean(name, known) or f"declare it: `my {name} = …`"
        if node.sigil == "@" and len(node.name) > 1:
            help = did_you_mean(name, known) or f"declare it, or write `\\@{node.name}` in a string"
        if node.sigil == "$" and node.name in LETTERS:
            help = f"an element of it is `${node.name}{{name}}`, all of it `%{node.name}`"
        return Unreadable(code.PERL_UNDECLARED.at(node.span, name=name, help=help))

    # -- scopes ---------------------------------------------------------------------------------------------------

    @contextmanager
    def scope(self) -> Iterator[None]:
        self.scopes.append({})
        try:
            yield
        finally:
            self.scopes.pop()

    def declare(self, sigil: str, name: str) -> Binding:
        """A new variable in the innermost scope, under a Python name that no other has."""
        base = f"{_PREFIX[sigil]}_{name}" if name != "_" else "item"
        unique, number = base, 1
        while unique in self._taken:
            number += 1
            unique = f"{base}_{number}"
        self._taken.add(unique)
        binding = Binding(unique, self.level)
        self.scopes[-1][sigil, name] = binding
        return binding

    def lookup(self, sigil: str, name: str) -> Binding | None:
        for scope in reversed(self.scopes):
            if (binding := scope.get((sigil, name))) is not None:
                return binding
        return None

    # -- objects of the job ---------------------------------------------------------------------------------------

    def job_object(self, letter: str, span: Span, write: bool) -> str:
        """The Python name of the object `letter`, which is read or written here; what it must not is a finding."""
        place = self.setting.place
        if letter not in self.setting.readable:
            self.diagnostics.append(code.BLOCK_OBJECT.at(span, letter=letter, place=place))
        elif write and letter not in self.setting.writable:
            self.diagnostics.append(code.BLOCK_READ_ONLY.at(span, letter=letter, place=place))
        return letter

    def use(self, letter: str, key: tree.Expression, write: bool) -> None:
        """Note that an element of a job's object is read or written."""
        if isinstance(key, tree.Constant) and isinstance(key.value, str):
            inset = 0 if key.bare else 1
            span = Span(key.span.start + inset, max(key.span.start + inset, key.span.end - inset))
            self.uses.append(Use(letter, key.value, span, write))
        else:
            self.complete = False


def _one(produce: Callable[[], str]) -> list[str]:
    return [produce()]
