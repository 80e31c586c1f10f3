"""Completion knows where it is."""

from __future__ import annotations

import pytest

from jcc_lsp.ide.completion import Completions, Item, complete
from tests.lsp.marked import cursor

ADD = """\
action add:
	in:
		## what to count from
		counter	number
		mode	mode	'fast'
		'2nd'	string
		step	number	1
	out:
		counter	number
		log	string	optional
"""
OTHERS = {
    "add_ac": ADD,
    "child_wf": "workflow child:\n\tin:\n\t\titem\torder\n\tout:\n\t\tdone\tboolean\n\tdo:\n\t\tsleep 1\n",
    "dns_ac": "action prov.dns:\n\tinterface prov.base:\n",
    "base_ac": "action prov.base:\n\tin:\n\t\tname\tstring\n",
}
MODE = '{"enum": ["fast", "slow"]}'
ORDER = """{
    "type": "object", "required": ["id"],
    "properties": {
        "id": {"type": "integer"}, "2nd": {}, "state": {"enum": ["new", "paid"]},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}}
    }
}"""
HEAD = """\
workflow test:
	in:
		order	order
		name	string
	out:
		result	number
		note	string	optional
	wfenv:
		rate = 3
	locks:
		zone _ manual
		fixed a.name
	role:
		admin
	do:
		eval:
			seen = 1
			who = a.name
"""


def completions(text: str, *, by_blank: bool = False, path: str = "test.wf") -> Completions:
    at = cursor(text, path, **OTHERS)
    at.workspace.set_text("mode.schema.json", MODE)
    at.workspace.set_text("order.schema.json", ORDER)
    return complete(*at, by_blank=by_blank)


def items(text: str) -> dict[str, Item]:
    return {item.label: item for item in completions(text).items}


def labels(text: str) -> list[str]:
    return [item.label for item in completions(text).items]


def in_body(text: str) -> list[str]:
    return labels(HEAD + text)


# -- lines ----------------------------------------------------------------------------------------------------------


def test_definitions_stand_at_the_margin() -> None:
    assert labels("$0") == ["workflow", "action", "procedure"]
    assert completions("$0", path="add.ac").items[0].label == "action"


def test_a_new_definition_is_named_after_its_file() -> None:
    assert labels("workflow $0") == ["test"]
    assert items("wor$0")["workflow"].snippet.startswith("workflow ${1:test}:\n")  # type: ignore[union-attr]  # fails the test


def test_sections_of_the_kind_that_are_not_there_yet() -> None:
    found = labels("workflow w:\n\tin:\n\t\tx\tnumber\n\t$0\n\tdo:\n\t\tsleep 1\n")
    assert found == ["config", "locks", "out", "role", "wfenv", "wfomap"]
    assert labels("action x:\n\t$0") == ["config", "env", "in", "interface", "out", "role"]


def test_an_interface_leaves_no_room_for_inputs() -> None:
    found = labels("action x:\n\tinterface prov.base:\n\t$0")
    assert {"in", "out", "env", "interface"}.isdisjoint(found)
    assert "config" in found


def test_statements_and_what_goes_on_with_them() -> None:
    assert in_body("\t\tcall add:\n\t\t\t<counter>\n\t\t$0")[0] == "into"
    assert in_body("\t\tif v.seen:\n\t\t\tsleep 1\n\t\t$0")[:2] == ["else", "elsif"]
    found = in_body("\t\tif v.seen:\n\t\t\tsleep 1\n\t\telse:\n\t\t\tsleep 2\n\t\t$0")
    assert {"else", "elsif", "into"}.isdisjoint(found)
    assert {"call", "while", "return", "split"} <= set(found)
    assert "callflow" not in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\t\ttry:\n\t\t\tsleep 1\n\t\t$0", ["catch"]),
        ("\t\trepeat:\n\t\t\tsleep 1\n\t\t$0", ["until"]),
        ("\t\tcase a.name:\n\t\t$0", ["else", "when"]),
        ("\t\tinterface prov.base:\n\t\t\tprov.dns\n\t\t$0", ["call"]),
        ("\t\tsplit:\n\t\t\t$0", ["callflow", "map"]),
        ("\t\tcall chi$0", ["child"]),
        ("\t\tinterface prov.base:\n\t\t\t$0", ["prov.dns", "add", "child", "prov.base", "test"]),
        (
            "\t\tinterface prov.base:\n\t\t\tprov.dns\n\t\tcall a.name:\n\t\t\t$0",
            ["name"],
        ),
        ("\t\tmap child $0", ["using"]),
        ("\t\tif v.seen $0", ["and", "eq", "ge", "gt", "le", "lt", "ne", "or", "x", "xor"]),
    ],
)
def test_only_what_may_stand_there(text: str, expected: list[str]) -> None:
    assert in_body(text)[: len(expected)] == expected


def test_a_statement_is_a_snippet_where_nothing_stands_behind_it() -> None:
    assert items(HEAD + "\t\twhi$0")["while"].snippet == "while ${1:condition}:\n\t$0"
    assert items(HEAD + "\t\twhi$0 v.seen:\n\t\t\tsleep 1\n")["while"].snippet is None
    assert items(HEAD + "\t\twhi$0")["while"].inserted == "while "
    assert items(HEAD + "\t\tev$0")["eval"].inserted == "eval:"


# -- callees and their maps -----------------------------------------------------------------------------------------


def test_a_callee_comes_with_its_required_inputs() -> None:
    found = items(HEAD + "\t\tcall $0")
    assert set(found) == {"add", "child", "prov.base", "prov.dns", "test"}
    expected = "add:\n\tcounter = ${1:v.counter}\n\t'2nd' = ${2:v.'2nd'}\ninto:\n\t$0"
    assert found["add"].snippet == expected
    assert found["test"].snippet is not None
    assert "order = ${1:a.order}" in found["test"].snippet


def test_a_callee_that_has_a_map_already_is_just_a_name() -> None:
    found = items(HEAD + "\t\tcall a$0:\n\t\t\tcounter = 1\n")["add"]
    assert (found.snippet, found.inserted) == (None, "add")


def test_only_workflows_can_be_started() -> None:
    for keyword in ("map", "detachflow"):
        assert set(items(HEAD + f"\t\t{keyword} $0")) == {"child", "test"}
    assert set(items(HEAD + "\t\tsplit:\n\t\t\tcallflow $0")) == {"child", "test"}
    found = items(HEAD + "\t\tmap $0")["child"].snippet
    assert found == "child using ${1:v.list}:\n\titem = ${2:v.item}\ncollect:\n\t$0"


def test_names_with_dots_are_replaced_as_a_whole() -> None:
    found = completions(HEAD + "\t\tcall prov.d$0")
    assert [item.label for item in found.items] == ["prov.dns"]
    assert found.span.end - found.span.start == len("prov.d")


def test_inputs_that_are_not_given_yet() -> None:
    found = in_body("\t\tcall add:\n\t\t\tmode = 'fast'\n\t\t\t$0\n\t\t\t<step>\n")
    assert found == ["2nd", "counter", "i", "t"]
    found = in_body("\t\tcall test:\n\t\t\t$0")
    assert found[:2] == ["name", "order"]


def test_a_variable_of_the_inputs_name_can_be_copied() -> None:
    text = HEAD + "\t\t\tcounter = 2\n\t\tcall add:\n\t\t\t$0"
    assert "<counter>" in labels(text)
    assert labels(text.replace("$0", "<$0"))[0] == "counter"


def test_outputs_in_the_output_map() -> None:
    call = "\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\t"
    assert in_body(call + "$0")[:2] == ["counter", "log"]
    assert in_body(call + "<$0") == ["counter", "log"]
    assert in_body(call + "x = o.$0") == ["counter", "log"]
    assert items(HEAD + call + "x = o.$0")["log"].detail == "string?"
    assert items(HEAD + call + "$0")["counter"].snippet == "counter = ${1:o.counter}"


def test_outputs_of_the_workflow_that_are_not_made_yet() -> None:
    text = HEAD + "\twfomap:\n\t\tnote = v.who\n\t\t$0\n"
    assert labels(text)[0] == "result"
    assert "note" not in labels(text)


def test_inputs_of_statements_of_the_language() -> None:
    assert in_body("\t\twait_for_event:\n\t\t\t$0")[:2] == ["events", "timeout"]
    assert in_body("\t\twait_for_lock zone:\n\t\t\twait = '$0'") == ["no", "yes"]
    assert {"'no'", "'yes'"} <= set(in_body("\t\twait_for_lock zone:\n\t\t\twait = $0"))
    assert in_body("\t\tsubscribe:\n\t\t\tname = 'x'\n\t\t\t$0")[0] == "mask"


# -- values ---------------------------------------------------------------------------------------------------------


def test_values_have_the_types_that_are_known_there() -> None:
    found = items(HEAD + "\t\tif $0")
    assert found["v.seen"].detail == "1"
    assert found["v.who"].detail == found["a.name"].detail == "string"
    assert found["e.rate"].detail == "3"
    assert "o" not in found
    assert found["concat"].snippet == "concat($1)"
    assert found["now"].inserted == "now()"


def test_members_of_objects_by_what_the_flow_knows() -> None:
    assert in_body("\t\tif v.$0") == ["seen", "who"]
    assert set(in_body("\t\tif a.order.$0")) == {"id", "2nd", "state", "lines"}
    assert in_body("\t\tif a.order.lines[0].$0:\n\t\t\tsleep 1\n") == ["price"]
    assert in_body("\t\tif a.order.lines[v.seen].p$0") == ["price"]
    assert items(HEAD + "\t\tif a.order.$0")["2nd"].inserted == "'2nd'"
    assert in_body("\t\tif a.order['$0") == ["2nd", "id", "lines", "state"]
    assert in_body("\t\tif i.$0") == []


def test_what_is_set_later_only_comes_last() -> None:
    text = "\t\tif v.$0:\n\t\t\tsleep 1\n\t\teval:\n\t\t\talso = 1\n"
    assert in_body(text) == ["seen", "who", "also"]
    assert items(HEAD + text)["also"].detail == "not set here"


def test_lines_of_the_map_above_count() -> None:
    found = items(HEAD + "\t\teval:\n\t\t\tt.half = 1.5\n\t\t\tseen = 'x'\n\t\t\ty = t.$0\n")
    assert found["half"].detail == "1.5"
    found = items(HEAD + "\t\teval:\n\t\t\tseen = 'x'\n\t\t\ty = v.$0\n")
    assert found["seen"].detail == '"x"'


def test_the_element_of_a_map() -> None:
    text = HEAD + "\t\tmap child using a.order.lines:\n\t\t\titem = e."
    assert items(text + "$0")["_i"].detail == "integer"
    assert labels(text + "_v.$0") == ["price"]


def test_the_error_is_there_where_something_is_caught() -> None:
    assert "_error" not in in_body("\t\tif e.$0")
    text = "\t\ttry:\n\t\t\tsleep 1\n\t\tcatch:\n\t\t\teval:\n\t\t\t\tx = e."
    assert "_error" in in_body(text + "$0")
    assert {"msg", "class"} == set(in_body(text + "_error.$0"))


def test_the_classes_of_errors() -> None:
    catch = "\t\ttry:\n\t\t\tcall add:\n\t\t\t\tcounter = 1\n\t\tcatch:\n"
    assert "timeout" in in_body(f"{catch}\t\t\tif e._error.class eq '$0'")
    assert "fatal" not in in_body(f"{catch}\t\t\tif e._error.class eq '$0'")
    found = in_body(
        f"{catch}\t\t\tcase e._error.class:\n\t\t\twhen soft:\n\t\t\t\tsleep 1\n\t\t\twhen $0"
    )
    assert "childerror" in found
    assert "soft" not in found


def test_values_of_a_type_that_has_few() -> None:
    assert in_body("\t\tcall add:\n\t\t\tmode = $0")[:2] == ["'fast'", "'slow'"]
    assert in_body("\t\tcall add:\n\t\t\tmode = '$0'\n") == ["fast", "slow"]
    assert in_body("\t\tif a.order.state == '$0") == ["new", "paid"]
    assert in_body("\t\tcase a.order.state:\n\t\twhen new:\n\t\t\tsleep 1\n\t\twhen $0") == ["paid"]
    assert labels("action x:\n\tconfig:\n\t\tretryable = $0")[:2] == ["false", "true"]
    assert labels("workflow w:\n\tin:\n\t\tx\tboolean\t$0")[:2] == ["false", "true"]


# -- names ----------------------------------------------------------------------------------------------------------


def test_types_and_schemas() -> None:
    found = labels("workflow w:\n\tin:\n\t\tx\t$0")
    assert found[:3] == ["mode", "order", "any"]
    assert labels("workflow w:\n\tout:\n\t\tx\tnum$0") == ["number"]
    assert labels("workflow w:\n\tout:\n\t\tx\tnumber\t$0") == ["optional"]


def test_labels_locks_roles_events_settings() -> None:
    assert in_body("\t\tgoto $0\n\t\tlabel here\n") == ["here"]
    assert in_body("\t\tgoto there\n\t\tlabel $0\n") == ["there"]
    assert in_body("\t\tlock $0") == ["zone", "fixed"]
    assert labels("workflow w:\n\tlocks:\n\t\t$0\n\tdo:\n\t\tlock q 1\n") == ["q"]
    assert labels("workflow w:\n\tlocks:\n\t\tq _ $0\n") == ["inherit", "manual"]
    assert labels("workflow w:\n\trole:\n\t\t$0\n\tdo:\n\t\tsleep 1\n") == []
    assert labels("workflow w:\n\tconfig:\n\t\tmax_steps = 3\n\t\t$0") == ["max_depth"]
    events = (
        "\t\tsubscribe:\n\t\t\tname = 'paid'\n\t\twait_for_event:\n\t\t\tevents = array('$0')\n"
    )
    assert in_body(events) == ["paid"]


def test_codes_in_a_comment() -> None:
    found = completions(HEAD + "\t\tsleep 1 # jcc: ignore[JCC20$0]\n")
    assert [item.label for item in found.items][:2] == ["JCC201", "JCC202"]
    assert labels(HEAD + "\t\tsleep 1 # any old comment$0\n") == []


# -- code blocks ----------------------------------------------------------------------------------------------------


def test_names_in_python() -> None:
    block = "\t\tcall add:\n\t\t\t[[ "
    assert in_body(block + "i.$0 ]]\n")[:3] == ["counter", "mode", "step"]
    assert in_body(block + "i.counter = a.order.$0 ]]\n")[:3] == ["id", "lines", "state"]
    assert in_body(block + "i.counter = a.order['$0 ]]\n") == ["id", "lines", "state"]
    assert in_body(block + "i.counter = leng$0 ]]\n") == ["length"]
    assert "startswith" in in_body(block + "i.x = a.name.$0 ]]\n")
    assert "append" not in in_body(block + "i.x = a.name.$0 ]]\n")
    assert in_body(block + "total = 1\n\t\t\ti.x = tot$0 ]]\n")[0] == "total"


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("aa, zz = 1, 2; aa += zz", ["aa", "zz"]),
        ("for number, (kk, ww) in a.order.items():", ["number", "kk", "ww"]),
        ("def scaled(value, by=2):", ["scaled", "value", "by"]),
        ("key = lambda one: one.price", ["one", "key"]),
        ("if (found := a.name) == 'x':", ["found"]),
    ],
)
def test_a_block_knows_the_names_that_it_binds(before: str, names: list[str]) -> None:
    found = in_body(f"\t\tcall add:\n\t\t\t[[ {before}\n\t\t\ti.counter = $0 ]]\n")
    own = [name for name in found if name in names]
    assert sorted(own) == sorted(names)


def test_names_in_perl() -> None:
    block = "\t\tcall add:\n\t\t\t[[ "
    assert in_body(block + "$i{$0} = $a{name}; ]]\n") == ["counter", "mode", "step"]
    assert in_body(block + "$i{x} = $a{order}{$0 ]]\n") == ["id", "lines", "state"]
    assert in_body(block + "$i{x} = $a{order}->{lines}[0]{$0}; ]]\n") == ["price"]
    assert in_body(block + "my $half = 1; $i{x} = $h$0; ]]\n") == ["half"]
    assert "substr" in in_body(block + "$i{x} = sub$0; ]]\n")
    assert "sha256" in in_body(block + "$i{x} = $JCL->sh$0; ]]\n")


# -- broken and half typed ------------------------------------------------------------------------------------------


def test_half_typed_lines_between_good_ones() -> None:
    rest = "\n\t\tcall add:\n\t\t\tcounter = v.seen\n\t\tinto:\n\t\t\tseen = o.counter\n"
    assert in_body("\t\tif (v.$0" + rest) == ["seen", "who"]
    assert in_body("\t\tcall a$0" + rest)[0] == "add"
    assert in_body("\t\tlock zone a.$0" + rest) == ["name", "order"]
    assert in_body("\t\teval:\n\t\t\tx = concat(v.seen, v.$0" + rest)[:2] == ["seen", "who"]
    assert in_body("\t\tsleep v.$0" + rest) == ["seen", "who"]


def test_a_blank_asks_only_where_a_name_must_follow() -> None:
    assert completions(HEAD + "\t\tcall $0", by_blank=True).items
    assert not completions(HEAD + "\t\tif v.seen > $0", by_blank=True).items
    assert not completions(HEAD + "\t\teval:\n\t\t\tx = 'a $0'\n", by_blank=True).items


def test_many_items_are_cut_off_and_say_so() -> None:
    at = cursor("workflow w:\n\tdo:\n\t\tcall $0")
    for number in range(300):
        at.workspace.set_text(f"{number}.ac", f"action a{number}:\n\tin:\n\t\tx\tnumber\n")
    found = complete(*at)
    assert len(found.items) < 300
    assert not found.is_complete
