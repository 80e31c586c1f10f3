"""Analysis as a whole: it stands whatever text there is, finds the same each time, and lets good files alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.frontend.analyse import analyse
from jcc.frontend.parser import parse
from jcc.frontend.signatures import exports, signature_of
from jcc.source import Source
from tests.frontend.semantics import LIBRARY, findings, workflow

EXAMPLES = Path(__file__).parents[2] / "examples"

LINES = st.sampled_from(
    [
        *(
            "workflow w:",
            "action b:",
            "in:",
            "out:",
            "config:",
            "locks:",
            "wfomap:",
            "do:",
            "wfenv:",
        ),
        *(
            "interface child:",
            "interface nobody:",
            "n number",
            "n order[]? 3",
            "zone _ manual",
            "x = 1",
        ),
        *(
            "call add:",
            "call 'no':",
            "into:",
            "counter = v.n",
            "counter = o.counter",
            "<*>",
            "<n, m>",
        ),
        *(
            "if v.n:",
            "elsif a.n > 3:",
            "else:",
            "while v.n < 3:",
            "while true:",
            "repeat:",
            "until v.n",
        ),
        *(
            "case a.s:",
            "when x, 3:",
            "try:",
            "catch:",
            "split:",
            "callflow child:",
            "map w using v.l:",
        ),
        *(
            "collect:",
            "eval:",
            "v.n = 1",
            "n.x.y = v.n[0].z",
            "l ,= array(1)",
            "[[ v.n = a.n ]]",
            "t.x = i.y",
        ),
        *(
            "label x",
            "goto x",
            "goto y",
            "return",
            "sleep 'x'",
            "raise_error v.n",
            "lock zone v.n",
            "unlock zone 1",
        ),
        *(
            "subscribe:",
            "name = 'e'",
            "wait_for_event:",
            "events = array('e', v.n)",
            "detachflow child:",
        ),
        *(
            "assert v.n:",
            "'message' . e._error.msg",
            "n = = 3",
            "if :",
            "$$$",
            "x = (((",
            "call add",
            "m = !v.n ** -1",
        ),
    ]
)


@given(st.lists(st.tuples(st.integers(0, 5), LINES), max_size=30))
def test_any_lines_can_be_analysed(lines: list[tuple[int, str]]) -> None:
    text = "workflow w:\n\tdo:\n" + "".join("\t" * depth + line + "\n" for depth, line in lines)
    source = Source("w.wf", text)
    file = parse(source).file
    catalog = {entry.name: entry for entry in exports(parse(Source("l.wf", LIBRARY)).file, "l.wf")}
    for definition in file.definitions:
        model, found = analyse(definition, "w.wf", catalog, {"order": {"type": "object"}})
        assert model.definition is definition
        assert list(found) == sorted(found, key=lambda d: (d.span, d.code))
        for diagnostic in found:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        _, again = analyse(definition, "w.wf", catalog, {"order": {"type": "object"}})
        assert again == found


@given(st.data())
def test_a_broken_line_breeds_no_findings_elsewhere(data: st.DataObject) -> None:
    """What a broken line would have set is not missed."""
    lines = workflow("eval:\n\ty = 1\n\tz = 2\nsleep v.y + v.z").split("\n")
    number = data.draw(st.sampled_from([i for i, line in enumerate(lines) if " = " in line]))
    lines[number] = lines[number].replace("=", data.draw(st.sampled_from(["= =", "$", "", "=="])))
    source = Source("w.wf", "\n".join(lines))
    (definition,) = parse(source).file.definitions
    _, found = analyse(definition, "w.wf", {}, {})
    assert [d for d in found if d.code in ("JCC208", "JCC402")] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.wf")), ids=lambda path: path.name)
def test_the_examples_are_free_of_findings(path: Path) -> None:
    texts = [file.read_text("utf-8") for file in (*EXAMPLES.glob("*.wf"), *EXAMPLES.glob("*.ac"))]
    files = [parse(Source("x", text)).file for text in texts]
    catalog = {entry.name: entry for file in files for entry in exports(file, "x")}
    for definition in parse(Source(path.name, path.read_text("utf-8"))).file.definitions:
        assert analyse(definition, path.name, catalog, {})[1] == ()


def test_a_body_does_not_change_the_exports() -> None:
    before = parse(Source("w.wf", workflow("sleep 1"))).file
    after = parse(Source("w.wf", workflow("sleep 2\nsleep 3"))).file
    assert exports(before, "w.wf") == exports(after, "w.wf")


def test_a_signature() -> None:
    text = """
## Adds.
action add:
	in:
		## To start from.
		counter	number
		step	number?	1
		tags	string[]	["a"]
	out:
		sum	number	optional
	env:
		user	string	'nobody'
"""
    (definition,) = parse(Source("add.ac", text)).file.definitions
    signature = signature_of(definition, "add.ac", None)
    assert (signature.kind, signature.name, signature.path, signature.doc) == (
        "action",
        "add",
        "add.ac",
        "Adds.",
    )
    assert [(i.name, i.type, i.required, i.default) for i in signature.inputs] == [
        ("counter", "number", True, None),
        ("step", "number?", False, 1),
        ("tags", "string[]", False, ("array", "a")),
    ]
    assert signature.inputs[0].doc == "To start from."
    assert [(o.name, o.type, o.optional) for o in signature.outputs] == [("sum", "number", True)]
    assert [e.name for e in signature.environment] == ["user"]
    assert hash(signature)


def test_an_interface_is_resolved_with_a_catalog() -> None:
    (library,) = [
        entry
        for entry in exports(parse(Source("l.wf", LIBRARY)).file, "l.wf")
        if entry.name == "add"
    ]
    (definition,) = parse(Source("b.ac", "action b:\n\tinterface add:\n")).file.definitions
    assert signature_of(definition, "b.ac", None).inputs == ()
    assert signature_of(definition, "b.ac", {"add": library}).inputs == library.inputs
    assert signature_of(definition, "b.ac", {}).interface == "add"


THE_TALK = """
workflow 'prov.vhost_event':
	in:
		zone	string
		zoneid	integer
		vhost	string
	out:
		result	boolean
		log	string	optional
	role:
		jobs_spooler
	wfomap:
		<result>
		log = ifdef(v.log)
	locks:
		zoneid _ manual
		workflowlock 'prov.vhost_event'
	do:
		lock zoneid a.zoneid
		call provdb_get_rid_by_vhost:
			zoneid = a.zoneid
			vhost = a.vhost
		into:
			<rid>
			<orderno>
			<clientid>
		call dwh_vhost_event:
			<rid>
			<orderno>
			<clientid>
			zone = a.zone
			zoneid = a.zoneid
			vhost = a.vhost
		into:
			<result>
			v.postconfigure = ifdef(o.postconfigure)
			v.log = ifdef(o.comment)
		if [[ $v{postconfigure} and $v{postconfigure} eq 'set_default_ip' ]]:
			call provdb_update_zone_template:
				zoneid = a.zoneid
				template = 'strato-dwh-std'
			into:
				<result>
			call 'prov.get_ip_list':
				<rid>
				usage = 'DEFAULT_IP'
			into:
				v.ips = o.array
			if [[ @{$v{ips}} ]]:
				call provdb_set_initial_ip:
					zoneid = a.zoneid
					<ips>
				into:
					<result>
					v.log .= ifdef(o.log)
		unlock zoneid a.zoneid
"""

THE_TALKS_ACTIONS = """
action provdb_get_rid_by_vhost:
	in:
		zoneid	integer
		vhost	string
	out:
		rid	integer
		orderno	string
		clientid	integer

action dwh_vhost_event:
	in:
		rid	integer
		orderno	string
		clientid	integer
		zone	string
		zoneid	integer
		vhost	string
	out:
		result	boolean
		postconfigure	string	optional
		comment	string	optional

action provdb_update_zone_template:
	in:
		zoneid	integer
		template	string
	out:
		result	boolean

workflow 'prov.get_ip_list':
	in:
		rid	integer
		usage	string
	out:
		array	array
	wfomap:
		array = array(a.rid, a.usage)
	do:
		sleep 1

action provdb_set_initial_ip:
	in:
		zoneid	integer
		ips	array
	out:
		result	boolean
		log	string	optional
"""


def test_the_long_workflow_of_the_talk() -> None:
    library = exports(parse(Source("l.wf", THE_TALKS_ACTIONS)).file, "l.wf")
    (definition,) = parse(Source("w.wf", THE_TALK)).file.definitions
    _, found = analyse(definition, "w.wf", {entry.name: entry for entry in library}, {})
    assert [(d.code, d.message) for d in found] == []
    assert findings(THE_TALKS_ACTIONS) == []
