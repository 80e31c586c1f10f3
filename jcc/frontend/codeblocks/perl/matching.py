"""Patterns at work: `=~`, `!~`, `s///`, `tr///`, captures."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from jcc.diagnostics import code
from jcc.frontend.codeblocks.perl import pattern, tree
from jcc.frontend.codeblocks.perl.places import Places
from jcc.frontend.codeblocks.perl.scan import Unreadable

_RANGE = re.compile(r"(\\?.)-(\\?.)|(\\?.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "-": "-", "/": "/", "0": "\0", "f": "\f"}
_LONGEST_RANGE = 70_000
TOPIC = "_"


class Matching(Places):
    @abstractmethod
    def function(self, body: Callable[[], str], span: tree.Node) -> str:
        """A Python function without parameters whose value is that of `body`."""

    def subject(self, node: tree.Match | tree.Substitute | tree.Transliterate) -> tree.Expression:
        """What a pattern works on: `$_` where nothing is bound to it."""
        return node.subject or tree.Variable(sigil="$", name=TOPIC, span=node.span)

    # -- matching -------------------------------------------------------------------------------------------------

    def match(self, node: tree.Match) -> str:
        """A match as a truth."""
        subject, compiled = self._operands(node)
        function = "pl_match(captures, " if self.captures else "op_match("
        return f"{function}{subject}, {compiled}, {_flags(node.flags)!r})"

    def match_list(self, node: tree.Match) -> str:
        """A match in list context: its groups, or with `g` all that it finds."""
        subject, compiled = self._operands(node)
        flags = _flags(node.flags) + ("g" if "g" in node.flags else "")
        return f"pl_match_all({self._captures()}, {subject}, {compiled}, {flags!r})"

    def match_next(self, node: tree.Match) -> str:
        """`while ($x =~ /…/g)`: the next place that fits, from where the last one ended."""
        subject, compiled = self._operands(node)
        self.positions = True
        key = repr(f"{node.span.start}")
        captures = self._captures()
        return f"pl_match_next({captures}, positions, {key}, {subject}, {compiled}, {_flags(node.flags)!r})"

    def _captures(self) -> str:
        return "captures" if self.captures else "{}"

    def _operands(self, node: tree.Match) -> tuple[str, str]:
        subject, compiled = self.ordered(
            [
                partial(self.scalar, self.subject(node)),
                partial(self.pattern, node.pattern, node.flags),
            ]
        )
        return subject, compiled

    def pattern(self, node: tree.Expression, flags: str) -> str:
        """The Python expression of a pattern's text, converted and checked as far as it is known."""
        if isinstance(node, tree.Constant):
            text = pattern.converted(str(node.value))
            problem = pattern.problem_of(text, flags)
            if problem is not None:
                raise Unreadable(code.PERL_PATTERN.at(node.span, problem=problem))
            return repr(text)
        if isinstance(node, tree.Interpolated):
            parts = tuple(
                pattern.converted(part) if isinstance(part, str) else part for part in node.parts
            )
            return self.scalar(tree.Interpolated(parts=parts, span=node.span))
        return self.scalar(node)

    # -- substituting ---------------------------------------------------------------------------------------------

    def substitute(self, node: tree.Substitute, wanted: bool) -> str:
        """`s///`: changes its subject, its value is the number of changes; with `r` the changed text."""
        subject = self.subject(node)
        if "r" in node.flags:
            return f"{self._substituted(node, self.scalar(subject))}[0]"
        place = self.place(subject)
        result = self.keep(self._substituted(node, self.read_place(place)))
        self.emit(f"if {result}[1]:")
        with self.indented():
            self.write_place(place, f"{result}[0]", wanted=False)
        return f"{result}[1]" if wanted else "None"

    def _substituted(self, node: tree.Substitute, subject: str) -> str:
        """The call that gives the changed text and the number of changes."""
        subject, compiled, replacement = self.ordered(
            [
                lambda: subject,
                partial(self.pattern, node.pattern, node.flags),
                partial(self.function, partial(self._replacement, node), node),
            ]
        )
        flags = _flags(node.flags) + ("g" if "g" in node.flags else "")
        return f"pl_substitute({self._captures()}, {subject}, {compiled}, {replacement}, {flags!r})"

    def _replacement(self, node: tree.Substitute) -> str:
        return self.scalar(node.replacement)

    # -- transliterating ------------------------------------------------------------------------------------------

    def transliterate(self, node: tree.Transliterate, wanted: bool) -> str:
        """`tr///`: the number of characters found; changes its subject if it has anything to change to."""
        search = _characters(node.search)
        replacement = _characters(node.replacement)
        if search is None or replacement is None:
            raise self.outside("this range", node.span, "write both ends of a range in order")
        only_counts = not replacement and not {"d", "s"} & set(node.flags)
        arguments = f"{search!r}, {replacement!r}, {node.flags!r})"
        if "r" in node.flags or only_counts:
            result = f"pl_transliterate({self.scalar(self.subject(node))}, {arguments}"
            return f"{result}[{0 if 'r' in node.flags else 1}]"
        place = self.place(self.subject(node))
        result = self.keep(f"pl_transliterate({self.read_place(place)}, {arguments}")
        self.write_place(place, f"{result}[0]", wanted=False)
        return f"{result}[1]" if wanted else "None"


def _flags(flags: str) -> str:
    """The flags that the runtime knows, each once."""
    return "".join(flag for flag in "imsx" if flag in flags)


def _characters(text: str) -> str | None:
    """The characters that `a-z_` stands for; None if a range runs backwards or is endless."""
    made: list[str] = []
    total = 0
    for first, last, single in _RANGE.findall(text):
        if single:
            made.append(_character(single))
            continue
        low, high = ord(_character(first)), ord(_character(last))
        total += high - low
        if low > high or total > _LONGEST_RANGE:
            return None
        made.extend(map(chr, range(low, high + 1)))
    return "".join(made)


def _character(text: str) -> str:
    return text if len(text) == 1 else _ESCAPES.get(text[1], text[1])
