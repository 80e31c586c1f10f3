"""The places of a definition where expressions and maps stand, and which objects of a job each can read and write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """`implicit` is the object that a left side without a letter means, `source` the one that `<x>` copies from.
    `role` names it for the code blocks: `in`, `out`, `eval`, `end`, `value`."""

    words: str
    role: str
    readable: str
    writable: str = ""
    implicit: str = ""
    source: str = ""


INPUT_MAP = Place("an input map", "in", "aevit", "it", "i", "v")
CHILD_INPUT_MAP = Place("the input map of a `map`", "in", "aevit", "it", "i", "v")
STATEMENT_MAP = Place("the inputs of a statement", "in", "aevit", "it", "i", "v")
OUTPUT_MAP = Place("an output map", "out", "aevot", "vt", "v", "o")
EVAL = Place("`eval`", "eval", "aevt", "vt", "v")
OUTPUTS_OF_JOB = Place("`wfomap`", "end", "aevot", "ot", "o", "v")
EXPRESSION = Place("an expression", "value", "aev")
LOCK_AT_START = Place("`locks:`", "value", "ae")
CONSTANT = Place("a constant", "value", "")
