"""Words: `my`, `return`, builtins with their arguments, calls of the language's functions; and what no word is."""

from __future__ import annotations

import re
from abc import abstractmethod

from jcc.diagnostics import code
from jcc.frontend.codeblocks.block import LETTERS
from jcc.frontend.codeblocks.perl import outside, tree
from jcc.frontend.codeblocks.perl.literals import Literals, flat
from jcc.frontend.codeblocks.perl.scan import Unreadable
from jcc.frontend.nearest import did_you_mean

# How a builtin takes its arguments: one (and which of them mean `$_` without), or a list.
TOPICAL = frozenset(
    [
        "lc",
        "uc",
        "lcfirst",
        "ucfirst",
        "fc",
        "length",
        "int",
        "abs",
        "sqrt",
        "log",
        "exp",
        "ord",
        "chr",
        "hex",
        "oct",
        "quotemeta",
        "chomp",
        "chop",
        "defined",
    ]
)
UNARY = TOPICAL | frozenset(
    ["ref", "scalar", "exists", "delete", "shift", "pop", "keys", "values", "each", "undef"]
)
BLOCKS = frozenset({"map", "grep", "sort"})
LISTS = BLOCKS | frozenset(
    [
        "push",
        "unshift",
        "splice",
        "join",
        "split",
        "sprintf",
        "substr",
        "index",
        "rindex",
        "reverse",
    ]
)
BUILTINS = UNARY | LISTS
_ARROW = re.compile(r"\s*=>")
_EMPTY = re.compile(r"\s*\(\s*\)")
_TRUTH = re.compile(r"JSON(?:::[A-Za-z:]+?)?(?:->|::)(true|false|null)\b(?:\(\s*\))?")
_QUOTES = frozenset(["q", "qq", "qw", "m", "s", "tr", "y", "qr", "qx"])
_MODIFIERS = frozenset(["if", "unless", "while", "until", "for", "foreach", "and", "or", "xor"])
_NO_OPERAND = frozenset(["x", "lt", "gt", "le", "ge", "eq", "ne", "cmp", "isa"]) | _MODIFIERS
_NAMED_UNARY = 14
_COMMA = 4


class Words(Literals):
    """Adds all that begins with a letter."""

    @abstractmethod
    def block(self) -> tuple[tree.Statement, ...]:
        """Read `{ … }`."""

    # -- words ----------------------------------------------------------------------------------------------------

    def word_term(self, start: int, word: str) -> tree.Expression:
        if found := self.take_match(_TRUTH):
            value = {"true": True, "false": False}.get(found.group(1))
            return tree.Constant(value=value, span=self.span(start))
        self.at += len(word)
        span = self.span(start)
        if self.match(_ARROW):
            return tree.Constant(value=word, bare=True, span=span)
        if word in _QUOTES and self._delimiter_ahead():
            return self.quoted(start, word)
        if word == "my":
            return self._my(start)
        if word in ("next", "last", "return", "die"):
            return self._leave(start, word)
        if word == "undef" and (self.take_match(_EMPTY) or not self._operand_ahead()):
            return tree.Constant(value=None, span=span)
        if word in BUILTINS:
            return self._builtin(start, word)
        if word in LETTERS and self.text[self.at : self.at + 1] in ("{", "["):
            return self._without_sigil(start, word)
        raise self._unknown(start, word)

    def _delimiter_ahead(self) -> bool:
        """Behind `q`, `s`, `m`, …: is it a quote at all?"""
        at = self.at
        self.skip() if self.text[at : at + 1] != "#" else None
        character = self.text[self.at : min(self.at + 1, self.end)]
        if character and character not in "=,;)" and not character.isalnum() and character != "_":
            return True
        self.at = at
        return False

    def _without_sigil(self, start: int, word: str) -> tree.Expression:
        self.missing_sigil(start, word)
        sigil = "%" if self.text[self.at] == "{" else "@"
        container = tree.Variable(sigil=sigil, name=word, span=self.span(start))
        return self.subscripts(start, self._element(start, container))

    def _unknown(self, start: int, word: str) -> Unreadable:
        if word in outside.WORDS:
            return self.outside(f"`{word}`", start, outside.WORDS[word])
        if "::" in word or word[0].isupper():
            return self.outside(
                f"`{word}`", start, "there are no modules here: `$JCL->name(…)` has functions"
            )
        if word in LETTERS and self.text.startswith(".", self.at, self.end):
            return self.fail(f"`{word}.` is not Perl", start, f"in Perl it is `${word}{{name}}`")
        if self.ahead("("):
            help = did_you_mean(word, BUILTINS) or (
                "functions of the language are called by `$JCL->name(…)`"
            )
            return Unreadable(
                code.PERL_FUNCTION.at(self.span(start, start + len(word)), name=word, help=help)
            )
        if word in ("true", "false", "null"):
            meant = {"true": "$TRUE", "false": "$FALSE", "null": "undef"}[word]
            return self.fail(f"`{word}` is a bare word", start, f"write `{meant}`")
        return self.fail(f"`{word}` is a bare word", start, f"a string is quoted: `'{word}'`")

    def _my(self, start: int) -> tree.My:
        self.skip()
        if not self.take("("):
            return tree.My(variables=(self._declared(),), list=False, span=self.span(start))
        variables: list[tree.Variable | None] = []
        while not self.take(")"):
            variables.append(None if self.take_word("undef") else self._declared())
            if not self.take(","):
                self.expect(")", "behind the variables of `my`")
                break
        return tree.My(variables=tuple(variables), list=True, span=self.span(start))

    def _declared(self) -> tree.Variable:
        self.skip()
        start = self.at
        found = self.match(re.compile(r"([$@%])([A-Za-z_]\w*)"))
        if found is None:
            raise self.fail("`my` is followed by a variable")
        self.at = found.end()
        return tree.Variable(sigil=found.group(1), name=found.group(2), span=self.span(start))

    def _leave(self, start: int, word: str) -> tree.Leave:
        span = self.span(start)
        if word in ("next", "last"):
            found = self.word()
            if found is not None and found not in _MODIFIERS:
                self.at += len(found)
                raise self.outside("a label", start, "leave the outer loop by a variable")
            return tree.Leave(word=word, span=span)
        if not self._operand_ahead(block=True):
            return tree.Leave(word=word, span=span)
        value = self.expression(_COMMA)
        return tree.Leave(word=word, value=value, span=self.span(start))

    def _operand_ahead(self, block: bool = False) -> bool:
        """Does an operand follow, rather than an operator or an end? `{` counts as one if `block` is set."""
        self.skip()
        character = self.text[self.at : min(self.at + 1, self.end)]
        if character in ("{", "/") and character:
            return block
        if (word := self.word()) is not None:
            return word not in _NO_OPERAND or self.match(re.compile(r"\w+\s*=>")) is not None
        if character == "-":
            return not self.text.startswith("-=", self.at)
        if character == "%":
            return self.match(re.compile(r"%[$\w{]")) is not None
        if character == "!":
            return self.match(re.compile(r"![=~]")) is None
        return character in tuple("$@&\"'`([\\+.0123456789")

    # -- builtins -------------------------------------------------------------------------------------------------

    def _builtin(self, start: int, word: str) -> tree.Expression:
        name_span = self.span(start)
        if word in BLOCKS:
            return self._block_call(start, word)
        if word in UNARY:
            arguments = self._one_argument(word)
        elif self.take("("):
            arguments = self.items_until(")", f"behind the arguments of `{word}`")
        else:
            arguments = self._bare_arguments()
        call = tree.Call(name=word, name_span=name_span, arguments=arguments, span=self.span(start))
        return call

    def _one_argument(self, word: str) -> tuple[tree.Expression, ...]:
        if self.take("("):
            return self.items_until(")", f"behind the argument of `{word}`")
        return (self.expression(_NAMED_UNARY),) if self._operand_ahead() else ()

    def _bare_arguments(self) -> tuple[tree.Expression, ...]:
        if not self._operand_ahead(block=True):
            return ()
        return flat(self.expression(_COMMA))

    def _block_call(self, start: int, word: str) -> tree.Call:
        """`map`, `grep`, `sort`: with a block, or (but for sort) an expression as first argument."""
        name_span = self.span(start)
        closing = self.take("(")
        block: tuple[tree.Statement, ...] | None = None
        first: tuple[tree.Expression, ...] = ()
        if self.ahead("{"):
            at = self.at
            block = self.block()
            if word != "sort" and self.take(","):
                first, block = (self._as_hash(block, at),), None
        if closing:
            rest = self.items_until(")", f"behind the arguments of `{word}`")
        else:
            rest = self._bare_arguments()
        return tree.Call(
            name=word,
            name_span=name_span,
            arguments=(*first, *rest),
            block=block,
            span=self.span(start),
        )

    def _as_hash(self, block: tuple[tree.Statement, ...], start: int) -> tree.AnonymousHash:
        """What was read as a block is a hash, for a comma follows it."""
        if len(block) == 1 and isinstance(block[0], tree.Evaluate):
            return tree.AnonymousHash(items=flat(block[0].value), span=self.span(start))
        if not block:
            return tree.AnonymousHash(items=(), span=self.span(start))
        raise self.fail("no comma stands behind a block", start)

    def method_call(
        self, start: int, receiver: tree.Expression, name: str, at: int
    ) -> tree.Expression:
        name_span = self.span(at)
        arguments: tuple[tree.Expression, ...] = ()
        if self.take("("):
            arguments = self.items_until(")", f"behind the arguments of `{name}`")
        known = receiver.name if isinstance(receiver, tree.Variable) else ""
        if known == "JSON":
            name = {"encode": "tojson", "decode": "fromjson"}.get(name, "")
        if known not in ("JCL", "JSON") or not name:
            raise self.outside(
                "a call of a method",
                start,
                "functions of the language are called by `$JCL->name(…)`",
            )
        return tree.LanguageCall(
            name=name, name_span=name_span, arguments=arguments, span=self.span(start)
        )
