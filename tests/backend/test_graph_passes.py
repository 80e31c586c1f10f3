"""Verification and the passes, on task graphs made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.backend import ir, passes, verify
from tests.backend.trees import NOWHERE, assign, literal, map_of, path

SET = ir.Eval(map_of(assign(path("v", "x"), "=", literal(1))))


def graph(*works: tuple[ir.Work, int | None] | ir.Task) -> ir.TaskGraph:
    """Tasks 2, 3, … between a start and an end, each a work and its next task."""
    tasks = [ir.Task(1, NOWHERE, ir.Start(), next=2)]
    for id, entry in enumerate(works, start=2):
        if isinstance(entry, ir.Task):
            tasks.append(replace(entry, id=id))
        else:
            tasks.append(ir.Task(id, NOWHERE, entry[0], next=entry[1]))
    end = len(tasks) + 1
    return ir.TaskGraph("w", 1, end, (*tasks, ir.Task(end, NOWHERE, ir.End(None))))


def test_empty_tasks_are_passed_by_and_removed() -> None:
    after = passes.run(graph((ir.NoOp(), 3), (ir.NoOp(), 4), (SET, 5), (ir.NoOp(), 6)))
    assert [(task.id, type(task.work), task.next) for task in after.tasks] == [
        (1, ir.Start, 2),
        (2, ir.Eval, 3),
        (3, ir.End, None),
    ]


def test_a_ring_of_empty_tasks_stays_an_endless_loop() -> None:
    after = passes.run(graph((ir.NoOp(), 3), (ir.NoOp(), 2)))
    verify.verify(after)
    assert [type(task.work) for task in after.tasks[1:-1]] == [ir.NoOp, ir.NoOp]
    assert all(after.end not in task.targets for task in after.tasks)


def test_unreachable_tasks_go_and_the_end_stays() -> None:
    after = passes.run(graph((SET, 2), (SET, 4)))
    verify.verify(after)
    assert [type(task.work) for task in after.tasks] == [ir.Start, ir.Eval, ir.End]


def test_a_handler_is_reachable() -> None:
    risky = ir.Task(0, NOWHERE, SET, next=4, on_error=3)
    after = passes.run(graph(risky, (SET, 4)))
    assert after.task(2).on_error == 3


@given(st.data())
def test_passes_give_sound_graphs_without_empty_or_unreachable_tasks(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    target = st.integers(2, count + 2)
    works: st.SearchStrategy[ir.Work] = st.sampled_from([ir.NoOp(), SET])
    before = graph(
        *(
            ir.Task(
                0,
                NOWHERE,
                data.draw(works),
                next=data.draw(target),
                on_error=data.draw(st.none() | target),
            )
            for _ in range(count)
        )
    )
    after = passes.run(before)
    verify.verify(after)
    reached = {after.start, after.end, *(id for task in after.tasks for id in task.targets)}
    assert reached == {task.id for task in after.tasks}
    for task in after.tasks:
        if isinstance(
            task.work, ir.NoOp
        ):  # only a ring of them is left, as one that goes to itself
            assert task.next == task.id or isinstance(after.task(task.next or 0).work, ir.NoOp)


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        (graph((SET, 9)), "leads to 9, which is no task"),
        (graph((SET, 1)), "leads back to the start"),
        (graph((SET, None)), "task 2 (Eval) leads nowhere"),
        (graph((ir.Start(), 3)), "the start should be task 1 alone"),
        (graph((ir.End(None), None)), "the end should be task 3 alone"),
        (graph((ir.Branch(literal(True)), None)), "has the wrong edges []"),
        (graph((ir.RaiseError(literal("no")), 3)), "must not have a next task"),
        (graph(ir.Task(0, NOWHERE, SET, 3, {"true": 3})), "has the wrong edges ['true']"),
        (graph((ir.Split(()), 3)), "has no children"),
        (graph((ir.Eval(map_of()), 3)), "evaluates nothing"),
        (graph((ir.Detach(ir.Callee("", "action"), map_of()), 3)), "calls `` of kind `action`"),
        (
            graph((ir.InterfaceCall((), literal("x"), map_of(), None), 3)),
            "has no destinations",
        ),
        (
            replace(graph((SET, 3)), tasks=graph((SET, 3)).tasks[1:]),
            "the ids are [2, 3], not 1 to 2",
        ),
    ],
)
def test_a_broken_graph_is_refused(broken: ir.TaskGraph, part: str) -> None:
    with pytest.raises(ir.InternalError) as refused:
        verify.verify(broken)
    assert part in str(refused.value)
