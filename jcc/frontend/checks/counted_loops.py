"""Loops that count from one constant to another: how often they turn, and the steps that takes. Reports nothing.

Only the plain case is known: the counter is set in the block of the loop, before it, moved by a constant in the loop's body, and
written nowhere else; nothing leaves the loop before its condition does. Such a loop may stand in another one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from jcc.frontend import ast
from jcc.frontend.checks.loops import exits_of, variable_writes
from jcc.frontend.checks.unit import Unit
from jcc.frontend.signatures import constant_value
from jcc.frontend.tables import Write

Loop: TypeAlias = ast.While | ast.Repeat
Order: TypeAlias = Mapping[ast.Statement, int]
"""The statements of a block and their places in it."""

DEEPEST = 10
"""Loops that are nested deeper are not looked at: each level goes over its body again."""

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!=", "==": "=="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "==", "==": "!="}


class CountedLoops:
    """The counting loops of a definition. `steps_of_turn` gives the fewest steps from a loop's test through its body to the test
    again, where a `while` in the body does not turn and a `repeat` turns once."""

    def __init__(self, unit: Unit, steps_of_turn: Callable[[Loop], int]) -> None:
        self._steps_of_turn = steps_of_turn
        written = Counter(name for _, name in variable_writes(unit))
        graph = unit.model.flow
        self._is_known = graph is not None and not graph.gotos and None not in written
        self._exits = sorted(place for place, _ in exits_of(unit))
        of_name: dict[str, list[Write]] = defaultdict(list)
        for write in unit.survey.writes:
            if write.root == "v" and write.name is not None and written[write.name] == 2:
                of_name[write.name].append(write)
        self._writes = {
            name: (writes[0], writes[1])
            for name, writes in of_name.items()
            if len(writes) == 2 and all(map(_is_plain, writes))
        }

    def more_steps(
        self, statements: Sequence[ast.Statement], is_sure: Callable[[Loop], bool]
    ) -> int:
        """The steps that the loops among the statements of a block take at least, beyond those of a path that enters no `while`
        and turns each `repeat` once. Only of the loops that are sure to be come to."""
        if not self._is_known:
            return 0
        return sum(steps for loop, steps in self._loops(statements, 1) if is_sure(loop))

    def _loops(self, statements: Sequence[ast.Statement], depth: int) -> Iterator[tuple[Loop, int]]:
        loops = [s for s in statements if isinstance(s, ast.While | ast.Repeat)]
        if not loops or depth > DEEPEST:
            return
        order = {statement: place for place, statement in enumerate(statements)}
        for loop in loops:
            turns = self._turns_of(loop, order)
            if turns:
                # What is in the body of such a loop is come to in each turn: nothing leaves it.
                inner = sum(steps for _, steps in self._loops(loop.body.statements, depth + 1))
                further = turns - 1 if isinstance(loop, ast.Repeat) else turns
                yield loop, further * self._steps_of_turn(loop) + turns * inner

    def _turns_of(self, loop: Loop, order: Order) -> int:
        """How many times a loop turns at least; 0 where that is not known."""
        condition = _condition(loop)
        if condition is None or condition[0] not in self._writes:
            return 0
        first = bisect_left(self._exits, loop.span.start)
        if bisect_left(self._exits, loop.span.end) > first:
            return 0
        name, op, bound = condition
        before, moved = sorted(self._writes[name], key=lambda write: write.item.span.start)
        start, step = _start(loop, order, before), _step(loop, moved, name)
        if start is None or step is None:
            return 0
        turns = _turns(start, op, bound, step)
        return max(1, turns) if isinstance(loop, ast.Repeat) else turns


def _turns(start: int, op: str, bound: int, step: int) -> int:
    """How many times `op` holds, from the start on; 0 where it holds for ever."""
    if op == "!=":
        turns, rest = divmod(bound - start, step) if step else (0, 1)
        return turns if rest == 0 and turns > 0 else 0
    if op in (">", ">="):
        start, bound, step = -start, -bound, -step
    if step <= 0 or op == "==":
        return 0
    last = bound if op in ("<=", ">=") else bound - 1
    return max(0, (last - start) // step + 1)


def _condition(loop: Loop) -> tuple[str, str, int] | None:
    """`v.name < 10` as its parts, also when it is written the other way round: what holds as long as the loop goes on."""
    condition = loop.condition if isinstance(loop, ast.While) else loop.until
    if not isinstance(condition, ast.Binary) or condition.op not in _MIRRORED:
        return None
    for path, op, value in (
        (condition.left, condition.op, condition.right),
        (condition.right, _MIRRORED[condition.op], condition.left),
    ):
        name, bound = _variable(path), _integer(value)
        if name is not None and bound is not None:
            return name, op if isinstance(loop, ast.While) else _NEGATED[op], bound
    return None


def _start(loop: Loop, order: Order, write: Write) -> int | None:
    """What the counter is before the loop, if an earlier statement of the loop's own block sets it."""
    owner = write.use.owner
    if not isinstance(owner, ast.Eval) or write.item.op != "=":
        return None
    place = order.get(owner)
    return _integer(write.item.value) if place is not None and place < order[loop] else None


def _step(loop: Loop, write: Write, name: str) -> int | None:
    """What each turn adds to the counter."""
    item = write.item
    if write.use.owner not in loop.body.statements:
        return None
    match item.op, item.value:
        case "+=", value:
            return _integer(value)
        case "-=", value:
            step = _integer(value)
            return None if step is None else -step
        case "=", ast.Binary(op="+", left=left, right=right) if _variable(left) == name:
            return _integer(right)
        case _:
            return None


def _is_plain(write: Write) -> bool:
    return isinstance(write.use.owner, ast.Eval) and len(write.item.target.keys) == 1


def _variable(expression: ast.Expression) -> str | None:
    match expression:
        case ast.Path(root="v", keys=(ast.Field(name=name),)):
            return name.text
        case _:
            return None


def _integer(expression: ast.Expression) -> int | None:
    value = constant_value(expression)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
