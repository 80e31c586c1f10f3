"""Families 4xx, 5xx and 8xx: the order of steps, locks, events and what could be left out."""

from __future__ import annotations

import sys

import pytest

from jcc.workspace import Workspace, diagnostics
from tests.frontend.semantics import analysed, findings, workflow


def in_body(body: str, sections: str = "", hints: bool = False) -> list[str]:
    """The findings of a body; without hints, and with them but for unread inputs."""
    source, _, found = analysed(workflow(body, sections))
    return [
        f"{d.code} {source.text[d.span.start : d.span.end]}"
        for d in found
        if (hints or d.severity.name != "HINT") and d.code != "JCC804"
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # unreachable
        ("return\nsleep 1", ["JCC401 sleep 1"]),
        ("raise_error 'x'\nsleep 1\nsleep 2", ["JCC401 sleep 1"]),  # once
        ("if a.flag:\n\treturn\nelse:\n\treturn\nsleep 1", ["JCC401 sleep 1"]),
        ("if a.flag:\n\treturn\nsleep 1", []),
        ("goto x\nsleep 1\nlabel x\nsleep 2", ["JCC401 sleep 1"]),
        ("return\nif a.flag:\n\tsleep 1\n\treturn\n\tsleep 2", ["JCC401 if"]),
        ("while true:\n\tif a.flag:\n\t\treturn\n\tsleep 1\nsleep 2", ["JCC401 sleep 2"]),
        ("try:\n\traise_error 'x'\ncatch:\n\tsleep 1\nsleep 2", []),
        ("try:\n\treturn\ncatch:\n\tsleep 1", ["JCC411 try"]),
        # variables
        ("sleep v.y\neval:\n\ty = 1", ["JCC402 y"]),
        ("if defined(v.y):\n\tsleep 1\neval:\n\ty = 1", []),
        ("while !v.y:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\ty = o.counter", []),
        ("repeat:\n\teval:\n\t\ty = v.y + 1\nuntil v.y > 3", []),
        ("try:\n\teval:\n\t\ty = a.x.y + 1\ncatch:\n\traise_error v.y", ["JCC402 y"]),
        ("try:\n\teval:\n\t\ty = 1\n\tsleep 1\ncatch:\n\traise_error v.y", []),
        # labels
        ("label x\nsleep 1", ["JCC403 x"]),
        # loops
        ("while true:\n\tsleep 1", ["JCC405 while"]),
        ("repeat:\n\tsleep 1\nuntil false", ["JCC405 repeat"]),
        ("while true:\n\tif a.flag:\n\t\treturn\n\tsleep 1", []),
        ("while true:\n\tif a.flag:\n\t\traise_error 'x'\n\tsleep 1", []),
        ("while true:\n\tif a.flag:\n\t\tgoto out\n\tsleep 1\nlabel out\nsleep 2", []),
        ("label x\nsleep 1\ngoto x", ["JCC405 goto x"]),
        ("label x\nsleep 1\nif a.flag:\n\tgoto x", []),
        ("while a.flag:\n\tsleep 1", ["JCC406 a.flag"]),
        ("eval:\n\ty = 1\nwhile v.y < 3:\n\tsleep 1", ["JCC406 v.y < 3"]),
        ("eval:\n\ty = 1\nwhile v.y < 3:\n\teval:\n\t\ty += 1", []),
        ("eval:\n\ty = 1\nwhile v.y < 3:\n\teval:\n\t\t[[ v.y = 4 ]]", []),
        ("eval:\n\ty = 1\nwhile v.y < 3:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\t<*>", []),
        ("eval:\n\ty = 1\nwhile v.y < 3:\n\tif a.flag:\n\t\treturn\n\tsleep 1", []),
        ("while [[ a.flag ]]:\n\tsleep 1", []),
        ("while now() lt a.s:\n\tsleep 1", []),
        ("while a.flag:\n\treturn", ["JCC409 while"]),
        ("repeat:\n\treturn\nuntil a.flag", []),
        ("repeat:\n\tsleep 1\n\treturn\nuntil a.flag", ["JCC409 repeat"]),
        ("while a.flag:\n\tif a.n > 1:\n\t\tsleep 1\n\telse:\n\t\treturn", []),
        # itself
        (
            "call w:\n\tn = 1\n\ts = ''\n\tflag = true\n\tlist = array()\n\tmaybe = 1\n\tx = 1",
            ["JCC408 w"],
        ),
        (
            "if a.flag:\n\tcall w:\n\t\tn = 1\n\t\ts = ''\n\t\tflag = true\n\t\tlist = array()\n\t\tmaybe = 1\n\t\tx = 1",
            [],
        ),
        # try
        ("try:\n\teval:\n\t\ty = 1\ncatch:\n\tsleep 1\nsleep v.y // 1", ["JCC411 try"]),
        ("try:\n\teval:\n\t\ty = a.n + 1\ncatch:\n\tsleep 1\nsleep v.y // 1", []),
        # case and elsif
        ("case a.s:\nwhen x, x:\n\tsleep 1", ["JCC413 x"]),
        ("case a.s:\nwhen 1:\n\tsleep 1\nwhen '1':\n\tsleep 2", ["JCC413 '1'"]),
        ("if a.n > 1:\n\tsleep 1\nelsif a.n > 1:\n\tsleep 2", ["JCC414 a.n > 1"]),
        ("if now() lt a.s:\n\tsleep 1\nelsif now() lt a.s:\n\tsleep 2", []),
    ],
)
def test_flow(body: str, found: list[str]) -> None:
    assert in_body(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("eval:\n\ty = 1", []),
        ("if a.flag:\n\teval:\n\t\ty = 1", ["JCC404 v.y"]),
        ("if a.flag:\n\teval:\n\t\ty = 1\nelse:\n\traise_error 'x'", []),
        ("if a.flag:\n\teval:\n\t\ty = 1\nelse:\n\treturn", ["JCC404 v.y"]),
        ("while !v.y:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\ty = o.counter", []),
        ("while !v.y or v.y < 10:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\ty = o.counter", []),
        ("map child using a.list:\n\tinput = 1\ncollect:\n\ty = o.output", []),
        (
            "try:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\ty = o.counter\ncatch:\n\tsleep 1",
            ["JCC404 v.y"],
        ),
        (
            "try:\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\ty = o.counter\ncatch:\n\teval:\n\t\ty = 0",
            [],
        ),
        ("call fetch:\n\tkey = 'k'\ninto:\n\ty = o.anything", []),
        ("call add:\n\tcounter = 1\ninto:\n\ty = length(o.note)", []),
    ],
)
def test_outputs_on_every_path(body: str, found: list[str]) -> None:
    assert in_body(body, "out:\n\ty\tnumber\nwfomap:\n\ty = v.y") == found
    assert [line[:6] for line in in_body(body, "out:\n\ty\tnumber\nwfomap:\n\t<y>")] == [
        line[:6] for line in found
    ]
    assert in_body(body, "out:\n\ty\tnumber\toptional\nwfomap:\n\ty = ifdef(v.y)") == []


@pytest.mark.parametrize(
    ("steps", "limit", "found"),
    [
        (3, 5, []),
        (4, 5, ["JCC407 5"]),
        (98, None, []),
        (99, None, ["JCC407 w"]),
    ],
)
def test_step_budget(steps: int, limit: int | None, found: list[str]) -> None:
    config = f"config:\n\tmax_steps = {limit}" if limit else ""
    assert in_body("\n".join(["sleep 1"] * steps), config) == found


COUNTING = "eval:\n\ty = 0\nwhile v.y < 50:\n\tsleep 1\n\teval:\n\t\ty += 1"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", ["JCC407 w"]),
        ("v.y < 50", "50 > v.y", ["JCC407 w"]),
        ("y += 1", "y = v.y + 1", ["JCC407 w"]),
        ("< 50", "< 32", []),  # start, eval, 3 for each turn, the last test, end: 100
        ("< 50", "<= 32", ["JCC407 w"]),
        ("< 50", "> -33", []),  # never turns
        ("y = 0\nwhile v.y < 50", "y = 50\nwhile v.y > 17", []),  # never ends
        ("y += 1", "y += 2", []),
        ("sleep 1", "if a.flag:\n\t\treturn", []),
        ("sleep 1", "if a.flag:\n\t\teval:\n\t\t\ty = 49", []),
        ("sleep 1", "eval:\n\t\t[[ v[a.s] = 49 ]]", []),
        ("y = 0", "y = a.n", []),
        ("< 50", "< a.n", []),
    ],
)
def test_the_steps_of_a_loop_that_counts(old: str, new: str, found: list[str]) -> None:
    body = COUNTING.replace(old, new, 1)
    assert [line for line in in_body(body) if "JCC407" in line] == found
    inside = "if a.flag:\n\t" + body.replace("\n", "\n\t")
    assert [line for line in in_body(inside) if "JCC407" in line] == []


def test_a_loop_that_counts_down() -> None:
    body = "eval:\n\ty = 40\nwhile v.y > 0:\n\tsleep 1\n\teval:\n\t\ty -= 1"
    assert in_body(body) == ["JCC407 w"]
    assert in_body(body.replace("40", "20")) == []


UNTIL = "eval:\n\ty = 0\nrepeat:\n\tsleep 1\n\teval:\n\t\ty += 1\nuntil v.y >= 33"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", ["JCC407 w"]),
        (">= 33", ">= 32", []),  # start, eval, 3 for each turn, end: 99
        (">= 33", "> 32", ["JCC407 w"]),
        (">= 33", "== 33", ["JCC407 w"]),
        (">= 33", "!= 33", []),  # turns once
        (">= 33", "<= 33", []),  # as above
        ("= 0", "= 40", []),  # as above
        ("y += 1", "y += 2", []),
        (">= 33", "== -1", []),  # for ever
        ("sleep 1", "if a.flag:\n\t\treturn", []),
    ],
)
def test_the_steps_of_a_repeat_that_counts(old: str, new: str, found: list[str]) -> None:
    assert [line for line in in_body(UNTIL.replace(old, new, 1)) if "JCC407" in line] == found


NESTED = """\
eval:
	y = 0
while v.y < 5:
	eval:
		z = 0
	while v.z != 8:
		eval:
			z += 1
	eval:
		y += 1"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        # start, eval, 5 times (test, eval, 8 times 2, test, eval), test, end
        ("", "", ["JCC407 w"]),
        ("!= 8", "!= 7", []),  # 4 + 5 * (4 + 7 * 2): 94
        ("while v.z != 8", "if a.flag:\n\t\tsleep 1\n\twhile v.z != 8", ["JCC407 w"]),
        ("\teval:\n\t\tz = 0\n", "", []),  # it is not set before
        ("z = 0", "y = 0", []),  # the outer one never ends
        ("z += 1", "z += 1\n\t\t\ty += 1", []),
        ("z += 1", "z += 1\n\t\tassert a.flag:\n\t\t\t'no'", []),
    ],
)
def test_the_steps_of_a_loop_in_a_loop(old: str, new: str, found: list[str]) -> None:
    assert [line for line in in_body(NESTED.replace(old, new, 1)) if "JCC407" in line] == found


def test_what_a_workflow_with_such_loops_takes() -> None:
    """The figure is that of the job."""
    for body, steps in ((NESTED, 104), (UNTIL, 102)):
        assert in_body(body, f"config:\n\tmax_steps = {steps}") == []
        assert len(in_body(body, f"config:\n\tmax_steps = {steps - 1}")) == 1


def test_many_loops_are_looked_at_in_one_go() -> None:
    """Counts the calls made, which do not depend on how busy the machine is."""

    def calls(loops: int) -> int:
        text = "".join(COUNTING.replace("y", f"y{n}") + "\n" for n in range(loops))
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        in_body(text)
        sys.setprofile(counted)
        try:
            in_body(text)
        finally:
            sys.setprofile(None)
        return count

    calls(10)
    assert calls(200) <= 2.5 * calls(100)


LOCKS = "locks:\n\tzone _ manual\n\thost _ manual\n\tall 'x'"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("lock zone a.s\nsleep 1\nunlock zone a.s", []),
        ("lock zon a.s", ["JCC501 zon"]),
        ("lock all 'y'", ["JCC502 all"]),
        ("lock zone a.s\nlock zone a.s", ["JCC504 lock zone a.s"]),
        ("lock zone a.s\nlock zone 'b'", []),
        ("lock zone a.s\nlock host a.s", []),
        ("if a.flag:\n\tlock zone a.s\nlock zone a.s", []),
        ("eval:\n\ty = 1\nlock zone v.y\neval:\n\ty = 2\nlock zone v.y", []),
        ("unlock zone a.s", ["JCC505 unlock zone a.s"]),
        ("if a.flag:\n\tlock zone a.s\nunlock zone a.s", []),
        (
            "lock zone a.s\nwhile a.x:\n\tunlock zone a.s\n\tlock zone a.s\n\tcall add:\n\t\tcounter = 1\n\tinto:\n\t\t<*>",
            [],
        ),
        ("try:\n\tlock zone a.s\n\tsleep 1\ncatch:\n\tunlock zone a.s", []),
        ("lock zone a.s\nlock host a.s\nunlock zone a.s\nlock zone a.s", ["JCC507 zone"]),
        ("wait_for_lock zone:\n\tvalue = a.s\n\twait = 'no'\nunlock zone a.s", []),
        ("wait_for_lock zone:\n\tvalue = a.s\n\twait = 'sometimes'", ["JCC509 'sometimes'"]),
        ("wait_for_lock zone:\n\twait = 10", ["JCC205 wait_for_lock"]),
        ("lock zone a.list", ["JCC322 a.list"]),
        ("lock zone null", ["JCC322 null"]),
        ("lock zone a.maybe", ["JCC325 a.maybe"]),
    ],
)
def test_locks(body: str, found: list[str]) -> None:
    told = [line for line in in_body(body, LOCKS) if not line.startswith("JCC503")]
    assert told == found


@pytest.mark.parametrize(
    ("locks", "found"),
    [
        ("zone _ manual", ["JCC503 zone"]),
        ("zone _", ["JCC508 zone"]),
        ("zone a.s", []),
        ("zone a.s inherit", []),
        ("zone a.s\n\tzone a.s", ["JCC506 zone"]),
        ("zone 'a'\n\tzone 'b'", []),
        ("zone v.y", ["JCC216 v.y"]),
    ],
)
def test_lock_declarations(locks: str, found: list[str]) -> None:
    assert in_body("sleep 1", f"locks:\n\t{locks}") == found


SUBSCRIBE = "subscribe:\n\tname = 'paid'\n\tmask = object(a: 1)\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (SUBSCRIBE + "wait_for_event:\n\tevents = array('paid')", []),
        (SUBSCRIBE + "wait_for_event:\n\tevents = 'paid'", []),
        (SUBSCRIBE + "wait_for_event:\n\tevents = array('payed')", ["JCC511 'payed'"]),  # once
        (SUBSCRIBE + "wait_for_event:\n\tevents = array(a.s)", []),
        (
            "subscribe:\n\tname = a.s\n\tmask = object(a: 1)\nwait_for_event:\n\tevents = array('paid')",
            [],
        ),
        ("subscribe:\n\t[[ i.name = 'x' ]]\nwait_for_event:\n\tevents = array('paid')", []),
        (SUBSCRIBE, ["JCC512 'paid'"]),
        (
            SUBSCRIBE + "wait_for_event:\n\tevents = 'paid'\nunsubscribe:\n\tname = 'payed'",
            ["JCC513 'payed'"],
        ),
        (SUBSCRIBE + SUBSCRIBE + "wait_for_event:\n\tevents = 'paid'", ["JCC514 'paid'"]),
        (
            SUBSCRIBE
            + "wait_for_event:\n\tevents = 'paid'\nunsubscribe:\n\tname = 'paid'\n"
            + SUBSCRIBE,
            [],
        ),
        ("wait_for_event:\n\tevents = array()\n\ttimeout = 3", ["JCC515 wait_for_event"]),
        ("wait_for_event:\n\tevents = 3", ["JCC326 3"]),
    ],
)
def test_events(body: str, found: list[str]) -> None:
    assert in_body(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("sleep 1\nreturn", ["JCC806 return"]),
        ("if a.flag == true:\n\tsleep 1", ["JCC807 true"]),
        ("if a.x == true:\n\tsleep 1", []),
        ("if !!a.s:\n\tsleep 1", ["JCC808 !!a.s"]),
        ("eval:\n\ty = !!a.s\nraise_error v.y", []),
        ("eval:\n\ty = 1\n\ty = v.y\nsleep v.y", ["JCC809 y = v.y"]),
        ("eval:\n\tn = a.n\nsleep v.n", []),
        ("eval:\n\ty = 1\ncall add:\n\tcounter = v.y", []),
        ("eval:\n\ty = 1", ["JCC803 y"]),
        ("eval:\n\ty = 1\nraise_error tojson(v)", []),
        ("eval:\n\ty = 1\ncall add:\n\t<*>", []),
        ("eval:\n\ty = 1\nif [[ v.y ]]:\n\tsleep 1", []),
        ("goto x\nlabel x\nsleep 1", ["JCC810 goto x"]),
        ("eval:\n\tt.y = 1\nsleep 1", ["JCC805 y"]),
    ],
)
def test_style(body: str, found: list[str]) -> None:
    assert in_body(body, hints=True) == found


def test_an_input_that_nothing_reads() -> None:
    assert findings("workflow w:\n\tin:\n\t\tn\tnumber\n\tdo:\n\t\tsleep 1\n") == ["JCC804 n"]
    assert (
        findings("workflow w:\n\tinterface child:\n\twfomap:\n\t\toutput = 1\n\tdo:\n\t\tsleep 1\n")
        == []
    )


def test_two_workflows_that_lock_in_opposite_orders() -> None:
    text = "workflow {0}:\n\tlocks:\n\t\t{1} 'x'\n\t\t{2} 'x'\n\tdo:\n\t\tsleep 1\n"
    workspace = Workspace()
    workspace.set_text("one.wf", text.format("one", "zone", "host"))
    workspace.set_text("two.wf", text.format("two", "host", "zone"))
    workspace.set_text("three.wf", text.format("three", "disk", "zone"))
    assert [(d.code, d.message) for d in diagnostics(workspace, "one.wf")] == [
        ("JCC507", "`zone` is taken before `host` here, and after it in `two`")
    ]
    assert [d.code for d in diagnostics(workspace, "two.wf")] == ["JCC507"]
    assert diagnostics(workspace, "three.wf") == ()
    workspace.remove("two.wf")
    assert diagnostics(workspace, "one.wf") == ()


PARENT = "workflow parent:\n\tlocks:\n\t\tzone 'x'\n\tdo:\n\t\tcall middle:\n"
MIDDLE = "workflow middle:\n\tdo:\n\t\tsplit:\n\t\t\tcallflow child:\n"
CHILD = "workflow child:\n\tlocks:\n\t\thost _ manual\n\tdo:\n\t\tlock host 'x'\n\t\tsleep 1\n"
OTHER = "workflow other:\n\tlocks:\n\t\thost 'x'\n\t\tzone 'x'\n\tdo:\n\t\tsleep 1\n"


def test_opposite_orders_over_the_call_tree_are_shown_with_both_ways() -> None:
    workspace = Workspace()
    texts = {"parent": PARENT, "middle": MIDDLE, "child": CHILD, "other": OTHER}
    for name, text in texts.items():
        workspace.set_text(f"{name}.wf", text)
    (found,) = diagnostics(workspace, "parent.wf")
    assert found.message == "`zone` is taken before `host` here, and after it in `other`"
    shown = [(label.path, label.message) for label in found.labels]
    assert shown == [
        ("parent.wf", "`zone` is taken here"),
        ("middle.wf", "`child` is called here"),
        ("child.wf", "`host` is taken here"),
        ("other.wf", "`host` is taken here"),
        ("other.wf", "`zone` is taken here"),
    ]
    assert PARENT[found.span.start : found.span.end] == "middle"
    assert [d.code for d in diagnostics(workspace, "other.wf")] == ["JCC507"]
    assert diagnostics(workspace, "middle.wf") == diagnostics(workspace, "child.wf") == ()


def test_a_child_that_nobody_waits_for_has_no_part_in_the_order() -> None:
    workspace = Workspace()
    workspace.set_text("parent.wf", PARENT.replace("call middle:", "detachflow child:"))
    workspace.set_text("child.wf", CHILD)
    workspace.set_text("other.wf", OTHER)
    assert diagnostics(workspace, "parent.wf") == diagnostics(workspace, "other.wf") == ()


def test_workflows_that_call_each_other_in_a_ring_end() -> None:
    workspace = Workspace()
    workspace.set_text("parent.wf", PARENT)
    workspace.set_text("middle.wf", MIDDLE.replace("child", "parent"))
    assert "JCC507" not in [d.code for d in diagnostics(workspace, "parent.wf")]


HOLDER = "workflow holder:\n\tin:\n\t\ts\tstring\n\t\tflag\tboolean\n\tlocks:\n\t\tzone a.s\n\t\thost 'x'\n\tdo:\n\t\tcall user:\n\t\t\tz = a.s\n"
USER = "workflow user:\n\tin:\n\t\tz\tstring\n\tlocks:\n\t\tzone a.z\n\tdo:\n\t\tsleep 1\n"
BETWEEN = "workflow between:\n\tin:\n\t\tz\tstring\n\tdo:\n\t\tcall user:\n\t\t\tz = a.z\n"


@pytest.mark.parametrize(
    ("old", "new", "certain"),
    [
        ("", "", True),
        ("call user:", "call between:", True),
        ("call user:\n\t\t\tz = a.s", "split:\n\t\t\tcallflow user:\n\t\t\t\tz = a.s", True),
        ("zone a.z", "host 'x'", True),
        ("zone a.z\n\tdo:", "zone _ manual\n\tdo:\n\t\tlock zone a.z", True),
        ("zone a.s", "zone a.s inherit", False),
        ("zone a.z", "host 'y'", False),
        ("zone a.z", "zone 'x'", False),
        ("z = a.s", "z = 'x'", False),
        ("z = a.s", "z = a.s\n\t\t\tz .= 'x'", False),
        ("z = a.s", "[[ i.z = a.s ]]", False),
        ("call user:", "detachflow user:", False),
        ("zone a.z\n\tdo:", "zone _ manual\n\tdo:\n\t\tif a.z:\n\t\t\tlock zone a.z", False),
        ("\t\tcall user:\n\t\t\tz = a.z", "\t\tif a.z:\n\t\t\tcall user:\n\t\t\t\tz = a.z", False),
    ],
)
def test_a_child_that_wants_a_lock_of_its_caller(old: str, new: str, certain: bool) -> None:
    between = "a.z" in old and "call" in old
    text = "\n".join([HOLDER.replace("user", "between") if between else HOLDER, USER, BETWEEN])
    workspace = Workspace()
    workspace.set_text("w.wf", text.replace(old, new, 1))
    found = [d for d in diagnostics(workspace, "w.wf") if d.code == "JCC516"]
    assert len(found) == certain


def test_workflows_that_lock_and_call_each_other_in_a_ring_end() -> None:
    workspace = Workspace()
    workspace.set_text("w.wf", HOLDER + USER.replace("sleep 1", "call holder:\n\t\t\ts = a.z"))
    assert "JCC516" in [d.code for d in diagnostics(workspace, "w.wf")]


def chain(length: int, config: str = "") -> str:
    """w1 calls w2, and so on; the last of `length` calls nobody."""
    texts = [f"workflow w1:\n{config}\tdo:\n\t\tcall w2:\n"]
    texts += [f"workflow w{n}:\n\tdo:\n\t\tcall w{n + 1}:\n" for n in range(2, length)]
    return "\n".join([*texts, f"workflow w{length}:\n\tdo:\n\t\tsleep 1\n"])


def call_depth(text: str) -> list[str]:
    workspace = Workspace()
    workspace.set_text("w.wf", text)
    return [d.message for d in diagnostics(workspace, "w.wf") if d.code == "JCC412"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (chain(11), 0),
        (chain(12), 1),
        (chain(13), 2),
        (chain(30).replace("call w6:", "if e.client:\n\t\t\tcall w6:"), 14),
        (chain(12).replace("call w2:", "if e.x:\n\t\t\tcall w2:\n\t\telse:\n\t\t\tsleep 1"), 0),
        (chain(12).replace("call w2:", "try:\n\t\t\tcall w2:\n\t\tcatch:\n\t\t\tsleep 1"), 1),
        (chain(12).replace("call w2:", "split:\n\t\t\tcallflow w2:"), 1),
        (chain(12).replace("call w2:", "detachflow w2:"), 0),
        (chain(12).replace("call w2:", "while e.x:\n\t\t\tcall w2:"), 0),
        (chain(12).replace("call w2:", "repeat:\n\t\t\tcall w2:\n\t\tuntil e.x"), 1),
        (chain(12).replace("call w2:", "if e.x:\n\t\t\treturn\n\t\tcall w2:"), 0),
        (chain(12).replace("call w2:", "assert e.x:\n\t\t\t'no'\n\t\tcall w2:"), 0),
    ],
)
def test_call_depth(text: str, found: int) -> None:
    assert len(call_depth(text)) == found


def test_the_depth_is_that_of_the_workflow_that_calls() -> None:
    assert call_depth(chain(4, "\tconfig:\n\t\tmax_depth = 1\n")) == []
    assert len(call_depth(chain(4, "\tconfig:\n\t\tmax_depth = 0\n"))) == 1
