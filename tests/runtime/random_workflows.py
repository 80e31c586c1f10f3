"""Random workflows, for properties: they always end, and what they give depends on nothing but themselves."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.workflows import ADD, Flow

Statement = tuple[Any, ...]
NUMBERS = st.integers(-3, 3)

SIMPLE: st.SearchStrategy[Statement] = st.one_of(
    st.tuples(st.just("eval"), st.sampled_from("xyz"), NUMBERS),
    st.tuples(st.just("divide"), st.sampled_from("xyz"), NUMBERS),
    st.tuples(st.just("call"), st.sampled_from("xyz"), NUMBERS),
    st.tuples(st.just("child"), st.sampled_from("xyz"), NUMBERS),
    st.tuples(st.just("map"), st.lists(NUMBERS, max_size=4)),
    st.tuples(st.just("sleep")),
    st.tuples(st.just("raise"), st.sampled_from(["normal", "mine", "fatal"])),
    st.tuples(st.just("lock"), st.sampled_from("ab")),
    st.tuples(st.just("event"), NUMBERS),
)


def _nested(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    block = st.lists(inner, max_size=3)
    return st.one_of(
        st.tuples(st.just("if"), st.sampled_from("xyz"), block, block),
        st.tuples(st.just("try"), block, block),
        st.tuples(st.just("loop"), st.integers(0, 3), block),
    )


BODIES = st.lists(st.recursive(SIMPLE, _nested, max_leaves=12), max_size=6)


def body_of(chance: random.Random, size: int = 6, depth: int = 2) -> list[Statement]:
    """The same without hypothesis: for those who want the body that belongs to a seed."""
    return [_statement(chance, depth) for _ in range(chance.randint(0, size))]


def _statement(chance: random.Random, depth: int) -> Statement:
    def number() -> int:
        return chance.randint(-3, 3)

    name = chance.choice("xyz")
    kinds = ["eval", "divide", "call", "child", "map", "sleep", "raise", "lock", "event"]
    match chance.choice(kinds + ["if", "try", "loop"] * (depth > 0)):
        case "eval" | "divide" | "call" | "child" as kind:
            return kind, name, number()
        case "map":
            return "map", [number() for _ in range(chance.randint(0, 4))]
        case "raise":
            return "raise", chance.choice(["normal", "mine", "fatal"])
        case "lock":
            return "lock", chance.choice("ab")
        case "event":
            return "event", number()
        case "if":
            return "if", name, body_of(chance, 3, depth - 1), body_of(chance, 3, depth - 1)
        case "try":
            return "try", body_of(chance, 3, depth - 1), body_of(chance, 3, depth - 1)
        case "loop":
            return "loop", chance.randint(0, 3), body_of(chance, 3, depth - 1)
        case _:
            return ("sleep",)


class Builder:
    """Makes a flow of statements. Each statement ends where the next one begins."""

    def __init__(self, name: str) -> None:
        self.flow = Flow(name, max_steps=400, max_depth=4)
        self.on_error: int | None = None
        self.loops = 0

    def add(self, kind: Kind, **settings: Any) -> int:
        return self.flow.task(kind, on_error=self.on_error, **settings)

    def here(self) -> int:
        """The id of the task that comes next."""
        return len(self.flow.tasks) + 1

    def block(self, statements: list[Statement]) -> None:
        for statement in statements:
            getattr(self, f"make_{statement[0]}")(*statement[1:])

    def make_eval(self, name: str, number: int) -> None:
        self.add(Kind.EVAL, eval=f"op_put(v, op_add(op_get(v, {name!r}), {number}), {name!r})")

    def make_divide(self, name: str, number: int) -> None:
        self.add(
            Kind.EVAL,
            eval=f"op_put(v, 1, 'lost')\nop_put(v, op_div(1, op_get(v, {name!r})), 'd{number}')",
        )

    def make_call(self, name: str, number: int) -> None:
        code = f"op_put(i, op_get(v, {name!r}), 'counter')\nop_put(i, {number}, 'step')"
        self.add(
            Kind.CALL, callee="add", in_=code, out=f"op_put(v, op_get(o, 'counter'), {name!r})"
        )

    def make_child(self, name: str, number: int) -> None:
        self.add(
            Kind.CALL, callee="leaf", callee_kind="workflow",
            in_=f"op_put(i, {number}, 'n')", out=f"op_put(v, op_get(o, 'n'), {name!r})",
        )  # fmt: skip

    def make_map(self, numbers: list[int]) -> None:
        branch = self.flow.branch(
            "leaf", each=True, value=f"fn_array({', '.join(map(str, numbers))})",
            in_="op_put(i, op_get(e, '_v'), 'n')",
            out="op_put(v, op_append(op_get(v, 'all'), op_get(o, 'n')), 'all')",
        )  # fmt: skip
        self.add(Kind.SPLIT, branches=[branch])

    def make_sleep(self) -> None:
        self.add(Kind.SLEEP, value="0.001")

    def make_raise(self, error_class: str) -> None:
        self.add(
            Kind.RAISE_ERROR, in_=f"op_put(i, 'raised', 'msg')\nop_put(i, {error_class!r}, 'class')"
        )

    def make_lock(self, value: str) -> None:
        # Held locks are held already; two jobs never want them in a different order, since children take none.
        self.add(Kind.LOCK, lock_type="zone", value=f"op_join('{value}', op_get(a, 'own'))")

    def make_event(self, number: int) -> None:
        mask = f"fn_object('own', op_get(a, 'own'), 'n', {number})"
        self.add(Kind.SUBSCRIBE, in_=f"op_put(i, 's', 'name')\nop_put(i, {mask}, 'mask')")
        self.add(Kind.RAISE_EVENT, in_=f"op_put(i, {mask}, 'event')")
        self.add(
            Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('s'), 'events')",
            out="op_put(v, op_get(o, 'event', 'data', 'n'), 'heard')",
        )  # fmt: skip
        self.add(Kind.UNSUBSCRIBE, in_="op_put(i, 's', 'name')")

    def make_if(self, name: str, then: list[Statement], otherwise: list[Statement]) -> None:
        branch = self.add(Kind.BRANCH, value=f"op_true(op_get(v, {name!r}))")
        self.block(then)
        jump = self.add(Kind.NO_OP)
        second = self.here()
        self.block(otherwise)
        after = self.add(Kind.NO_OP)
        self.patch(branch, edges={"true": branch + 1, "false": second})
        self.patch(jump, next=after)

    def make_try(self, body: list[Statement], catch: list[Statement]) -> None:
        first = self.here()
        outer, self.on_error = self.on_error, -1
        self.block(body)
        self.on_error = outer
        jump = self.add(Kind.NO_OP)
        handler = self.here()
        for id in range(first, jump):
            if self.flow.tasks[id - 1].on_error == -1:
                self.patch(id, on_error=handler)
        self.block(catch)
        self.patch(jump, next=self.add(Kind.NO_OP))

    def make_loop(self, turns: int, body: list[Statement]) -> None:
        self.loops += 1
        name = f"loop{self.loops}"
        head = self.add(Kind.BRANCH, value=f"op_lt(op_get(v, {name!r}), {turns})")
        self.add(Kind.EVAL, eval=f"op_put(v, op_add(op_get(v, {name!r}), 1), {name!r})")
        self.block(body)
        back = self.add(Kind.NO_OP)
        self.patch(back, next=head)
        self.patch(head, edges={"true": head + 1, "false": self.add(Kind.NO_OP)})

    def patch(self, id: int, **changes: Any) -> None:
        self.flow.tasks[id - 1] = replace(self.flow.tasks[id - 1], **changes)


def workflow(body: list[Statement], name: str = "random") -> Definition:
    """`a.own` keeps the locks and events of two jobs apart."""
    builder = Builder(name)
    builder.block(body)
    return builder.flow.definition(
        [Input("own", "string", has_default=True, default="")],
        end="op_copy_all(v, o)\nop_put(o, op_get(e, '_error', 'msg'), 'last_error')",
    )


def leaf() -> Definition:
    """The child: fails for 2, sleeps for 3."""
    flow = Flow("leaf")
    flow.task(Kind.ASSERT, value="op_ne(op_get(a, 'n'), 2)", message="'two'")
    flow.task(Kind.BRANCH, edges={"true": 4, "false": 5}, value="op_eq(op_get(a, 'n'), 3)")
    flow.task(Kind.SLEEP, value="0.001")
    return flow.definition([Input("n", "number")], end="op_put(o, op_mul(op_get(a, 'n'), 10), 'n')")


def definitions(body: list[Statement]) -> list[Definition]:
    return [workflow(body), leaf(), ADD]


def adder(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": (inputs["counter"] or 0) + inputs["step"]}
