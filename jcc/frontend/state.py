"""What is known of a job's variables at one place: an immutable table from slots to types.

The types lie in rows, the rows in blocks, and states share what is equal in them. So setting one variable and joining two
states that differ in a few cost little, however many variables there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jcc.frontend.types import ANY, UNKNOWN, UNSET, Type, join, widened

_BITS = 4
_WIDTH = 1 << _BITS
_LAST = _WIDTH - 1

_Row = tuple[Type, ...]
_Block = tuple[_Row, ...]
_Combine = Callable[[Type, Type], Type]


def _blank(rest: Type) -> _Block:
    return ((rest,) * _WIDTH,) * _WIDTH


_BLANK: dict[Type, _Block] = {rest: _blank(rest) for rest in (UNSET, UNKNOWN)}


class State:
    """`rest` is the type of every slot that was not set: UNSET, or UNKNOWN where something unseen may have set it."""

    __slots__ = ("_blocks", "rest")

    def __init__(self, rest: Type = UNSET, blocks: tuple[_Block, ...] = ()) -> None:
        self.rest = rest
        self._blocks = blocks

    def get(self, slot: int) -> Type:
        block = slot >> 2 * _BITS
        if block >= len(self._blocks):
            return self.rest
        return self._blocks[block][slot >> _BITS & _LAST][slot & _LAST]

    def set(self, slot: int, type: Type) -> State:
        at, row, cell = slot >> 2 * _BITS, slot >> _BITS & _LAST, slot & _LAST
        blocks = self._blocks
        if at >= len(blocks):
            blocks += (_BLANK[self.rest],) * (at + 1 - len(blocks))
        block = blocks[at]
        old = block[row]
        if old[cell] is type:
            return self
        new_row = (*old[:cell], type, *old[cell + 1 :])
        new_block = (*block[:row], new_row, *block[row + 1 :])
        return State(self.rest, (*blocks[:at], new_block, *blocks[at + 1 :]))

    def same(self, other: State) -> bool:
        """Whether two states know the same. Those of other sizes are held for different."""
        return self.rest is other.rest and self._blocks == other._blocks

    def forget(self, kept: Iterable[int], rest: Type) -> State:
        """A state that knows the slots in `kept` only."""
        state = State(rest)
        for slot in kept:
            state = state.set(slot, self.get(slot))
        return state

    def join(self, other: State) -> State:
        """What is known where one of the two holds. Gives `self` itself where the other adds nothing."""
        return self if self is other else self._merge(other, join)

    def widen(self, other: State, everything: bool) -> State:
        """A join that comes to an end in a loop: what changes loses its literals, or (`everything`) becomes ANY."""
        return self._merge(other, _give_up if everything else _widen)

    def _merge(self, other: State, combine: _Combine) -> State:
        rest = UNKNOWN if UNKNOWN in (self.rest, other.rest) else UNSET
        mine, others = self._blocks, other._blocks
        count = max(len(mine), len(others))
        mine += (_BLANK[self.rest],) * (count - len(mine))
        others += (_BLANK[other.rest],) * (count - len(others))
        merged = tuple(
            one if one is two else _merge_block(one, two, combine)
            for one, two in zip(mine, others, strict=True)
        )
        if rest is self.rest and all(a is b for a, b in zip(mine, merged, strict=True)):
            return self
        return State(rest, merged)


def _merge_block(mine: _Block, others: _Block, combine: _Combine) -> _Block:
    """The block itself where the other adds nothing."""
    rows = list(mine)
    changed = False
    for number, (one, two) in enumerate(zip(mine, others, strict=True)):
        if one is two:
            continue
        row = tuple([a if a is b else combine(a, b) for a, b in zip(one, two, strict=True)])
        if row != one:
            rows[number], changed = row, True
    return tuple(rows) if changed else mine


def _widen(one: Type, two: Type) -> Type:
    joined = join(one, two)
    return one if joined == one else widened(joined)


def _give_up(one: Type, two: Type) -> Type:
    return one if join(one, two) == one else ANY


NOTHING_KNOWN = State(UNKNOWN)
