"""Every statement of the language as tasks: what each does, where it goes, what its code gives."""

from __future__ import annotations

from typing import Any

import pytest

from jobcenter.artifact import Definition, Kind, Task
from tests.backend.compiling import compiled, workflow
from tests.backend.running import Functions, loaded, run


def tasks_of(do: str, sections: str = "") -> dict[int, Task]:
    program = compiled(workflow(do, sections)).program
    assert program is not None
    return {task.id: task for task in program.tasks}


def code_of(definition: Definition) -> Functions:
    assert definition.module is not None
    return loaded(definition.module.python)


def kinds(do: str, sections: str = "") -> list[Kind]:
    return [task.kind for task in tasks_of(do, sections).values()]


def test_an_empty_workflow_is_a_start_and_an_end() -> None:
    tasks = tasks_of("\t\treturn\n")
    assert [(task.kind, task.next, task.line) for task in tasks.values()] == [
        (Kind.START, 2, 1),
        (Kind.END, None, 1),
    ]
    assert tasks[2].code == {}


def test_call() -> None:
    definition = compiled(
        workflow(
            "\t\tcall add:\n\t\t\tcounter = a.n\n\t\t\ti.step = 2\n\t\tinto:\n\t\t\tx = o.counter\n"
        )
    )
    assert definition.program is not None
    task = definition.program.tasks[1]
    assert (task.kind, task.callee, task.callee_kind) == (Kind.CALL, "add", "action")
    assert task.code == {"in": "task_2_in", "out": "task_2_out"}
    functions = code_of(definition)
    i: dict[str, Any] = {}
    run(functions["task_2_in"], {"n": 5}, {}, {}, i, {})
    assert i == {"counter": 5, "step": 2}
    v: dict[str, Any] = {"y": 1}
    run(functions["task_2_out"], {}, {}, v, {"counter": 7}, {})
    assert v == {"y": 1, "x": 7}


def test_a_call_without_into_has_no_code_for_it() -> None:
    assert tasks_of("\t\tcall proc:\n\t\t\tx = 1\n")[2].code == {"in": "task_2_in"}


@pytest.mark.parametrize(("name", "kind"), [("proc", "procedure"), ("child", "workflow")])
def test_the_kind_of_a_callee_is_known(name: str, kind: str) -> None:
    assert tasks_of(f"\t\tcall {name}:\n\t\t\tx = 1\n")[2].callee_kind == kind


def test_case() -> None:
    do = """\
		case a.n:
		when "foo", 2:
			sleep 1
		when 'b a z':
			sleep 2
		else:
			sleep 3
		sleep 4
"""
    tasks = tasks_of(do)
    assert tasks[2].edges == {"foo": 3, "2": 3, "b a z": 4}
    assert tasks[2].next == 5
    assert [tasks[id].next for id in (3, 4, 5, 6)] == [6, 6, 6, 7]
    value = code_of(compiled(workflow(do)))["task_2_value"]
    subjects: list[Any] = [2, 2.5, None, True, "x"]
    assert [run(value, {"n": n}, {}, {}) for n in subjects] == [
        "2",
        "2.5",
        "",
        "true",
        "x",
    ]


def test_if_while_repeat() -> None:
    do = """\
		if a.n > 3:
			sleep 1
		elsif a.n:
			sleep 2
		while v.x:
			sleep 3
		repeat:
			sleep 4
		until a.n
"""
    tasks = tasks_of(do)
    assert [(id, task.edges) for id, task in tasks.items() if task.edges] == [
        (2, {"true": 3, "false": 4}),
        (4, {"true": 5, "false": 6}),
        (6, {"true": 7, "false": 8}),
        (9, {"true": 10, "false": 8}),
    ]
    assert tasks[7].next == 6
    functions = code_of(compiled(workflow(do)))
    values: list[Any] = [0, "0", "0.0", []]
    assert [run(functions["task_4_value"], {"n": n}, {}, {}) for n in values] == [
        False,
        False,
        True,
        True,
    ]
    assert run(functions["task_2_value"], {"n": 4}, {}, {}) is True


def test_split_map_and_their_code() -> None:
    do = """\
		split:
			callflow child:
				x = v.one
			into:
				r = o.y
			map other using a.list:
				x = e._v
			collect:
				all ,= o.y
		map child using v.all:
			x = e._i
"""
    tasks = tasks_of(do)
    assert tasks[2].kind == tasks[3].kind == Kind.SPLIT
    assert [(b.callee, b.callee_kind, b.each, dict(b.code)) for b in tasks[2].branches] == [
        ("child", "workflow", False, {"in": "task_2_1_in", "out": "task_2_1_out"}),
        (
            "other",
            "workflow",
            True,
            {"value": "task_2_2_value", "in": "task_2_2_in", "out": "task_2_2_out"},
        ),
    ]
    assert dict(tasks[3].branches[0].code) == {"value": "task_3_1_value", "in": "task_3_1_in"}
    functions = code_of(compiled(workflow(do)))
    assert run(functions["task_2_2_value"], {"list": [1, 2]}, {}, {}) == [1, 2]
    v: dict[str, Any] = {}
    for y in (1, 2):
        run(functions["task_2_2_out"], {}, {}, v, {"y": y}, {})
    assert v == {"all": [1, 2]}


def test_detachflow() -> None:
    task = tasks_of("\t\tdetachflow child:\n\t\t\tx = 1\n")[2]
    assert (task.kind, task.callee, task.code) == (Kind.DETACH, "child", {"in": "task_2_in"})


def test_interface_call() -> None:
    do = """\
		interface child:
			child
			other
		call a.n:
			x = 1
		into:
			y = o.y
"""
    task = tasks_of(do)[2]
    assert task.kind == Kind.INTERFACE_CALL
    assert [(b.callee, b.callee_kind) for b in task.branches] == [
        ("child", "workflow"),
        ("other", "workflow"),
    ]
    assert task.code == {"value": "task_2_value", "in": "task_2_in", "out": "task_2_out"}
    assert run(code_of(compiled(workflow(do)))["task_2_value"], {"n": "child"}, {}, {}) == "child"


def test_try_catch() -> None:
    do = """\
		try:
			sleep 1
			try:
				sleep 2
			catch:
				sleep 3
		catch:
			sleep 4
		sleep 5
"""
    tasks = tasks_of(do)
    assert {id: task.on_error for id, task in tasks.items() if task.on_error} == {2: 5, 3: 4, 4: 5}
    assert [tasks[id].next for id in (3, 4, 5)] == [6, 6, 6]


def test_an_empty_catch_goes_on_behind_it() -> None:
    tasks = tasks_of("\t\ttry:\n\t\t\tsleep 1\n\t\tcatch:\n\t\t\treturn\n\t\tsleep 2\n")
    assert tasks[2].on_error == 4
    assert tasks[4].kind == Kind.END


def test_assert_and_raise_error() -> None:
    do = """\
		assert a.n < 3:
			'too many: ' . a.n
		if a.n:
			raise_error 'gone'
		raise_error:
			msg = 'm' . a.n
			class = 'mine'
"""
    tasks = tasks_of(do)
    assert [task.kind for task in tasks.values()] == [
        Kind.START,
        Kind.ASSERT,
        Kind.BRANCH,
        Kind.RAISE_ERROR,
        Kind.RAISE_ERROR,
        Kind.END,
    ]
    assert tasks[2].code == {"value": "task_2_value", "message": "task_2_message"}
    assert (tasks[4].code, tasks[4].next) == ({"message": "task_4_message"}, None)
    assert (tasks[5].code, tasks[5].next) == ({"in": "task_5_in"}, None)
    functions = code_of(compiled(workflow(do)))
    assert run(functions["task_2_value"], {"n": 4}, {}, {}) is False
    assert run(functions["task_2_message"], {"n": 4}, {}, {}) == "too many: 4"
    i: dict[str, Any] = {}
    run(functions["task_5_in"], {"n": 1}, {}, {}, i, {})
    assert i == {"msg": "m1", "class": "mine"}


def test_both_forms_of_sleep() -> None:
    tasks = tasks_of("\t\tsleep 1 + 1\n\t\tsleep:\n\t\t\ttimeout = '1 day'\n")
    assert [tasks[id].code for id in (2, 3)] == [{"value": "task_2_value"}, {"in": "task_3_in"}]


def test_eval_and_let() -> None:
    do = "\t\teval:\n\t\t\tx = 1\n\t\t\tt.half = v.x / 2\n\t\tlet:\n\t\t\tv.y.z[0] = v.x\n"
    assert kinds(do) == [Kind.START, Kind.EVAL, Kind.EVAL, Kind.END]
    functions = code_of(compiled(workflow(do)))
    v: dict[str, Any] = {}
    t: dict[str, Any] = {}
    run(functions["task_2_eval"], {}, {}, v, t)
    run(functions["task_3_eval"], {}, {}, v, {})
    assert (v, t) == ({"x": 1, "y": {"z": [1]}}, {"half": 0.5})


def test_goto_label_and_return() -> None:
    do = """\
		label again
		sleep 1
		if v.x:
			goto again
		if v.y:
			return
		sleep 2
"""
    tasks = tasks_of(do)
    assert (tasks[3].edges, tasks[4].edges) == (
        {"true": 2, "false": 4},
        {"true": 6, "false": 5},
    )
    assert tasks[6].kind == Kind.END


LOCKS = "\tlocks:\n\t\tzone a.n inherit\n\t\thost _ manual\n"


def test_locks() -> None:
    do = """\
		lock host 'h' . a.n
		unlock host a.n
		wait_for_lock host:
			value = 'x'
			wait = 'no'
"""
    tasks = tasks_of(do, LOCKS)
    assert [(task.kind, task.lock_type, dict(task.code)) for task in list(tasks.values())[1:4]] == [
        (Kind.LOCK, "host", {"value": "task_2_value"}),
        (Kind.UNLOCK, "host", {"value": "task_3_value"}),
        (Kind.WAIT_FOR_LOCK, "host", {"in": "task_4_in"}),
    ]
    definition = compiled(workflow(do, LOCKS))
    assert definition.program is not None
    assert [
        (lock.type, lock.value, lock.manual, lock.inherit) for lock in definition.program.locks
    ] == [
        ("zone", "lock_1", False, True),
        ("host", None, True, False),
    ]
    functions = code_of(definition)
    assert run(functions["lock_1"], {"n": 9}, {}, {}) == 9
    assert run(functions["task_2_value"], {"n": 9}, {}, {}) == "h9"


def test_events() -> None:
    do = """\
		subscribe:
			name = 's'
			mask = object(kind: 'x')
		raise_event:
			event = object(kind: 'x', a.n: 1)
		wait_for_event:
			events = array('s')
			timeout = 3
		into:
			<event>
		unsubscribe:
			name = 's'
"""
    tasks = tasks_of(do)
    assert [(task.kind, sorted(task.code)) for task in tasks.values()] == [
        (Kind.START, []),
        (Kind.SUBSCRIBE, ["in"]),
        (Kind.RAISE_EVENT, ["in"]),
        (Kind.WAIT_FOR_EVENT, ["in", "out"]),
        (Kind.UNSUBSCRIBE, ["in"]),
        (Kind.END, []),
    ]
    i: dict[str, Any] = {}
    run(code_of(compiled(workflow(do)))["task_3_in"], {"n": 5}, {}, {}, i, {})
    assert i == {"event": {"kind": "x", "5": 1}}


def test_the_output_map() -> None:
    definition = compiled(
        workflow(
            "\t\treturn\n", "\tout:\n\t\tx any optional\n\twfomap:\n\t\t<*>\n\t\tx = ifdef(v.y)\n"
        )
    )
    assert definition.program is not None
    assert definition.program.tasks[1].code == {"end": "end"}
    assert definition.program.tasks[1].line == 4
    o: dict[str, Any] = {}
    run(code_of(definition)["end"], {}, {}, {"z": 1}, o, {})
    assert o == {"z": 1}
