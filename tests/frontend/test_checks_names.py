"""Family 2xx: names of callees, inputs, outputs, variables, labels and what may be read where."""

from __future__ import annotations

import pytest

from tests.frontend.semantics import analysed, findings, workflow

USED = "raise_error a.n . a.s . a.flag . join(a.list) . a.maybe . a.x"


def in_body(body: str, sections: str = "") -> list[str]:
    """The findings of a body, hints apart."""
    _, _, found = analysed(workflow(body, sections))
    hints = {f"{d.code}" for d in found if d.severity.name == "HINT"}
    return [line for line in findings(workflow(body, sections)) if line[:6] not in hints]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # callees
        ("call ad:\n\tcounter = 1", ["JCC201 ad"]),
        ("call 'no.such.thing':\n\tx = 1", ["JCC201 'no.such.thing'"]),
        ("split:\n\tcallflow chil:\n\t\tinput = 1", ["JCC202 chil"]),
        ("split:\n\tcallflow add:\n\t\tcounter = 1", ["JCC203 add"]),
        ("map add using a.list:\n\tcounter = 1", ["JCC203 add"]),
        # an unknown callee is one mistake: its inputs and outputs are not spoken of
        ("call ad:\n\twhatever = 1\ninto:\n\tx = o.anything\nsleep v.x", ["JCC201 ad"]),
        # inputs
        ("call add:\n\tstep = 1", ["JCC205 add"]),
        ("call add:\n\tcounter = 1\n\tsteps = 1", ["JCC204 steps"]),
        ("call add:\n\tcounte = 1", ["JCC204 counte"]),  # the same mistake, once
        ("call add:\n\t<*>", []),
        ("call add:\n\t[[ i.counter = 1 ]]", []),
        ("call add:\n\ti.counter = 1", []),
        ("call add:\n\tcounter.x = 1", []),
        ("call add:\n\tcounter = ifdef(a.maybe)", ["JCC325 ifdef(a.maybe)"]),
        ("eval:\n\tcounter = 1\ncall add:\n\t<counter>", []),
        ("raise_event:\n\tevent = object(a: 1)", []),
        ("raise_event:\n\tevnt = object(a: 1)", ["JCC204 evnt"]),
        ("subscribe:\n\tmask = object(a: 1)", ["JCC205 subscribe"]),
        ("sleep:\n\ttimeout = 10", []),
        ("raise_error:\n\tmsg = 'x'\n\tclass = 'mine'", []),
        # outputs
        ("call add:\n\tcounter = 1\ninto:\n\tx = o.countr\nsleep v.x", ["JCC206 countr"]),
        ("call add:\n\tcounter = 1\ninto:\n\t<countr>\nsleep v.countr", ["JCC206 countr"]),
        ("wait_for_event:\n\tevents = a.list\ninto:\n\tx = o.evnt\nsleep v.x", ["JCC206 evnt"]),
        # arguments and variables
        ("sleep a.nn", ["JCC207 nn"]),
        ("sleep v.y", ["JCC208 y"]),
        ("sleep v.y\nsleep v.y", ["JCC208 y"]),  # once
        ("sleep v.y // 3", ["JCC208 y"]),
        ("call add:\n\tcounter = 1\ninto:\n\t<*>\nsleep v.counter", []),
        ("eval:\n\t[[ v.y = 1 ]]\nsleep v.y", []),
        ("eval:\n\tv[a.s] = 1\nsleep v.y", []),
        ("eval:\n\ty = 1\nsleep v['y']", []),
        # functions
        ("sleep lenght(a.s)", ["JCC209 lenght"]),
        ("sleep to_json(a.s)", []),
        # labels
        ("goto nowhere", ["JCC211 nowhere"]),
        ("label x\nsleep 1\nlabel x\nif a.flag:\n\tgoto x", ["JCC212 x"]),
        # places
        ("sleep o.x", ["JCC216 o.x"]),
        ("eval:\n\ty = i.x\nsleep v.y", ["JCC216 i.x"]),
        ("call add:\n\tcounter = o.counter", ["JCC216 o.counter"]),
        ("call add:\n\tcounter = 1\ninto:\n\ty = i.counter\nsleep v.y", ["JCC216 i.counter"]),
        ("call add:\n\tstep = 2\n\tcounter = i.step", []),
        ("sleep t.x", ["JCC216 t.x"]),
        # writing
        ("eval:\n\ta.n = 1", ["JCC217 a.n"]),
        ("eval:\n\te.n = 1", ["JCC217 e.n"]),
        ("eval:\n\to.n = 1", ["JCC217 o.n"]),
        ("call add:\n\tcounter = 1\n\tv.y = 2\nsleep v.y", ["JCC217 v.y"]),
        # bare names
        ("sleep n", ["JCC218 n"]),
        ("sleep soon", ["JCC218 soon"]),
        ("sleep n.x", ["JCC218 n.x"]),
        # the element of a map
        ("map child using a.list:\n\tinput = e._i", []),
        (
            "map child using a.list:\n\tinput = length(e._v)\ncollect:\n\ty ,= e._i\nsleep sum(v.y)",
            [],
        ),
        ("sleep e._v", ["JCC223 _v"]),
        # temporary values
        ("eval:\n\ty = t.z\n\tt.z = 1\nsleep v.y", ["JCC224 z"]),
        ("eval:\n\tt.z = 1\n\ty = t.z\nsleep v.y", []),
        ("eval:\n\tt.z = 1\n\ty = t.z\neval:\n\ty = t.z\nsleep v.y", ["JCC224 z"]),
        # set twice
        ("eval:\n\ty = 1\n\ty = 2\nsleep v.y", ["JCC227 y"]),
        ("eval:\n\ty = 1\n\ty = v.y + 2\nsleep v.y", []),
        ("eval:\n\ty = 1\n\ty = ifdef(a.maybe)\nsleep v.y", []),
        ("eval:\n\ty = 1\n\tz = v.y\n\ty = 2\nsleep v.y + v.z", []),
        ("eval:\n\ty = 1\n\ty += 2\nsleep v.y", []),
        ("eval:\n\ty.a = 1\n\ty.b = 2\nraise_error tojson(v.y)", []),
        ("eval:\n\ty = 1\n\tz = tojson(v)\n\ty = 2\nraise_error v.y . v.z", []),
        # objects
        ("raise_error tojson(object(a: 1, a: 2))", ["JCC231 a"]),
        ("eval:\n\t<n>\nsleep v.n", ["JCC230 n"]),
    ],
)
def test_names(body: str, found: list[str]) -> None:
    assert in_body(body) == found


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ("out:\n\ty\tnumber\nwfomap:\n\ty = a.n", []),
        ("out:\n\ty\tnumber", ["JCC226 y"]),
        ("out:\n\ty\tnumber\toptional", []),
        ("out:\n\ty\tnumber\nwfomap:\n\tyy = a.n", ["JCC225 yy"]),  # the same mistake, once
        ("out:\n\ty\tnumber\nwfomap:\n\ty = a.n\n\tz = a.n", ["JCC225 z"]),
        ("out:\n\ty\tnumber\nwfomap:\n\t<*>", []),
        ("out:\n\ty\tnumber\nwfomap:\n\t[[ o.y = 1 ]]", []),
        ("out:\n\ty\tnumber\n\tz\tnumber\nwfomap:\n\ty = 1\n\tz = o.y", []),
        ("out:\n\ty\tnumber\n\tz\tnumber\nwfomap:\n\tz = o.y\n\ty = 1", ["JCC224 y"]),
        ("config:\n\tmax_stps = 3", ["JCC219 max_stps"]),
        ("config:\n\tmax_steps = 3\n\tmax_steps = 4", ["JCC214 max_steps"]),
        ("config:\n\tmax_steps = 'x'", ["JCC324 'x'"]),
        ("config:\n\tmax_depth = 0", ["JCC324 0"]),
        ("out:\n\ty\tstrin\nwfomap:\n\ty = a.n", ["JCC210 strin"]),
        ("out:\n\ty\tnumber\n\ty\tnumber\nwfomap:\n\ty = a.n", ["JCC213 y"]),
    ],
)
def test_sections(sections: str, found: list[str]) -> None:
    assert in_body(USED, sections) == found


def test_a_close_name_comes_with_a_fix() -> None:
    source, _, found = analysed(workflow("call ad:\n\tcounter = 1"))
    (unknown,) = [d for d in found if d.code == "JCC201"]
    assert unknown.help == "did you mean `add`?"
    assert unknown.fix is not None
    (edit,) = unknown.fix.edits
    assert source.text[edit.span.start : edit.span.end] == "ad"
    assert edit.text == "add"
    assert not unknown.fix.safe


def test_a_missing_input_shows_its_declaration() -> None:
    _, _, found = analysed(workflow("call add:\n\tstep = 1"))
    (missing,) = [d for d in found if d.code == "JCC205"]
    assert [(label.path, label.message) for label in missing.labels] == [
        ("library.wf", "declared here")
    ]


def test_further_uses_are_labels() -> None:
    _, _, found = analysed(workflow("sleep v.y\nsleep v.y\nsleep v.y"))
    (unknown,) = [d for d in found if d.code == "JCC208"]
    assert len(unknown.labels) == 2


def test_a_bare_name_tells_what_it_may_mean() -> None:
    _, _, found = analysed(workflow("eval:\n\tpause = 1\nsleep pause + v.pause"))
    (bare,) = [d for d in found if d.code == "JCC218"]
    assert bare.help == "did you mean `v.pause`?"
    assert bare.fix is not None


def test_an_interface_gives_the_inputs() -> None:
    text = "workflow w:\n\tinterface child:\n\twfomap:\n\t\toutput = a.input\n\tdo:\n\t\tsleep a.inptu\n"
    assert findings(text) == ["JCC207 inptu"]


def test_an_unknown_interface_is_one_mistake() -> None:
    text = "workflow w:\n\tinterface chld:\n\tdo:\n\t\tsleep a.input\n"
    assert findings(text) == ["JCC222 chld"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('action b:\n\tconfig:\n\t\tretry = {"tries": 3, "interval": "10s"}\n', []),
        ('action b:\n\tconfig:\n\t\tretry = {"interval": "10s"}\n', ['JCC324 {"interval": "10s"}']),
        ("action b:\n\tconfig:\n\t\ttimeout = '10 minutes'\n\t\tarchive = '2 days'\n", []),
        ("action b:\n\tconfig:\n\t\ttimeout = 'soon'\n", ["JCC324 'soon'"]),
        ("action b:\n\tconfig:\n\t\ttimeout = '1e2'\n", ["JCC324 '1e2'"]),
        ("action b:\n\tconfig:\n\t\ttimeout = '1 day 2:30'\n", []),
        (
            'action b:\n\tconfig:\n\t\tretry = {"tries": 3, "interval": "1e2"}\n',
            ['JCC324 {"tries": 3, "interval": "1e2"}'],
        ),
        ('action b:\n\tconfig:\n\t\tretry = {"tries": 3, "interval": 2.5}\n', []),
        ("action b:\n\tconfig:\n\t\tretryable = false\n", []),
        ("action b:\n\tconfig:\n\t\tmax_steps = 3\n", ["JCC219 max_steps"]),
        ('action b:\n\tin:\n\t\tx\tnumber\n\tconfig:\n\t\tfilter = ["x", "_*_"]\n', []),
        ('action b:\n\tin:\n\t\tx\tnumber\n\tconfig:\n\t\tfilter = ["y"]\n', ['JCC204 "y"']),
        ("action b:\n\tin:\n\t\tx\tnumber\t'a'\n", ["JCC305 'a'"]),
        (
            'action b:\n\tin:\n\t\tx\tnumber\t3\n\t\ty\tstring[]\t["a"]\n\t\tz\tobject\t{"a": 1}\n',
            [],
        ),
        ("action b:\n\tin:\n\t\tx\tstring[]\t[1]\n", ["JCC305 [1]"]),
        ("action b:\n\tin:\n\t\tx\tany\t3\n\tenv:\n\t\tjob_id\tnumber\n", []),
    ],
)
def test_actions(text: str, found: list[str]) -> None:
    assert findings(text) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("call add:\n\t[[ i.countr = 1 ]]", ["JCC204 countr"]),
        ("call add:\n\t[[ i.step = 1 ]]", ["JCC205 add"]),
        ("call add:\n\t[[ $i{countr} = 1; ]]", ["JCC204 countr"]),
        ("call add:\n\t[[\n\tfor name in v:\n\t\ti[name] = v[name]\n\t]]", []),
        ("call add:\n\tcounter = 1\ninto:\n\t[[ v.y = o.coutner ]]\nsleep v.y", ["JCC206 coutner"]),
        ("eval:\n\t[[ v.y = a.nn ]]\nsleep v.y", ["JCC207 nn"]),
        ("eval:\n\t[[ v.y = v.z ]]\nsleep v.y", ["JCC208 z"]),
        ("if [[ v.z ]]:\n\tsleep 1", ["JCC208 z"]),
        ("eval:\n\t[[ v.y = a.n; t.z = 1 ]]\nsleep v.y", ["JCC805 z"]),
        ("eval:\n\tt.k = 1\n\ty = [[ t.k + 1 ]]\nsleep v.y", []),
    ],
)
def test_code_blocks(body: str, found: list[str]) -> None:
    assert in_body(body) == found


def test_a_code_block_makes_outputs() -> None:
    out = "out:\n\ty\tnumber\nwfomap:\n\t"
    assert in_body("sleep 1", out + "[[ o.y = a.n ]]") == []
    assert in_body("sleep 1", out + "[[ o.yy = a.n ]]") == ["JCC225 yy"]


def test_a_short_copy_of_an_argument_is_told_with_the_long_form() -> None:
    _, _, found = analysed(workflow("call add:\n\t<n>\n\tcounter = 1"))
    (unknown,) = [d for d in found if d.code == "JCC208"]
    assert unknown.help == "`<n>` copies from `v`; write `n = a.n`"
