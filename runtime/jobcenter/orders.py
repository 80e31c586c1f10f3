"""Jobs that are ordered at the same time: created by few statements in one transaction, and one that cannot be does not spoil the others. No I/O."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from jobcenter.batcher import apart
from jobcenter.errors import NoDatabase
from jobcenter.statements import CALLED, SQL, Statement

RunAll: TypeAlias = Callable[[Sequence[Statement[Any]]], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Order:
    """A job to be created, for the role `who`. `args` and `env` are JSON texts. `listens`: who creates it is to hear of its end."""

    workflow: str
    args: str
    who: str | None
    tag: str | None = None
    env: str | None = None
    key: str | None = None
    listens: bool = False

    @property
    def size(self) -> int:
        """In bytes, more or less: the JSON is ASCII."""
        return len(self.args) + len(self.env or "")


async def create(run_all: RunAll, orders: Sequence[Order]) -> Sequence[int | Exception]:
    """The number of the job for each, or why there is none. `run_all`: all, or none, over a new connection where one is lost."""

    async def ask(some: Sequence[Order]) -> Sequence[int]:
        places = _alike(some)
        made = await run_all([_creation([some[n] for n in group]) for group in places])
        numbers = {
            place: number
            for group, numbers in zip(places, made, strict=True)
            for place, number in zip(group, numbers, strict=True)
        }
        return [numbers[place] for place in range(len(some))]

    made: list[int | Exception] = list(await apart(ask, orders))
    # Who knows whether they have been created? With a key, it does not matter.
    again = [
        n
        for n, number in enumerate(made)
        if isinstance(number, NoDatabase) and orders[n].key is not None
    ]
    if again:
        for place, number in zip(again, await apart(ask, [orders[n] for n in again]), strict=True):
            made[place] = number
    return made


def _alike(orders: Sequence[Order]) -> list[list[int]]:
    """The places of those that can go into one statement. In the order of their keys: who creates jobs waits for others that
    are about to use the same keys, and two must not wait for each other."""

    def rank(place: int) -> tuple[str, ...]:
        order = orders[place]
        # Texts in any case: a name that is none is the database's to refuse.
        told = order.workflow, order.key, order.tag, order.who, order.env
        return tuple("" if part is None else str(part) for part in told)

    def common(place: int) -> tuple[object, ...]:
        order = orders[place]
        return order.workflow, order.key is None, order.tag, order.who, order.env

    return [list(group) for _, group in groupby(sorted(range(len(orders)), key=rank), common)]


def _creation(orders: Sequence[Order]) -> Statement[list[int]]:
    """Of orders that are alike."""
    first = orders[0]
    params: dict[str, object] = {
        "workflow": first.workflow,
        "tag": first.tag,
        "impersonate": first.who,
        "env": first.env,
    }
    if len(orders) == 1:
        name, args = "create_job", first.args
        params["key"] = first.key
        sql = CALLED if first.listens else SQL[name]  # its end brings the output
    else:
        # Theirs are told many at a time, and their outputs looked up so.
        name, args = "create_jobs", f"[{','.join(order.args for order in orders)}]"
        params["keys"] = None if first.key is None else [order.key for order in orders]
        sql = SQL[name]
    return Statement(
        sql,
        {**params, "args": args},
        lambda rows: [row["o_job_id"] for row in rows],
        repeatable=first.key is not None,
        name=name,
        listens=any(order.listens for order in orders),
    )
