"""What a block reads and writes, for the checks and the language server."""

from __future__ import annotations

import pytest

from tests.frontend.codeblocks.blocks import START, translated

Keys = set[str]


@pytest.mark.parametrize(
    ("code", "role", "reads", "writes", "complete"),
    [
        (
            " $i{counter} = $a{input}; $i{step} = 3; ",
            "in",
            {"a.input"},
            {"i.counter", "i.step"},
            True,
        ),
        ("$v{x}{y} = $v{z}[0];", "eval", {"v.z"}, {"v.x"}, True),
        ("$v{n}++; $v{s} .= 'x';", "eval", {"v.n", "v.s"}, {"v.n", "v.s"}, True),
        ("push @{$v{l}}, 1;", "eval", {"v.l"}, {"v.l"}, True),
        ("delete $v{x};", "eval", set(), {"v.x"}, True),
        ("%i = %a;", "in", set(), set(), False),
        ("@i{qw(x y)} = @a{'x', 'y'};", "in", {"a.x", "a.y"}, {"i.x", "i.y"}, True),
        ("$v{$v{name}}", "value", {"v.name"}, set(), False),
        ('"$v{x} in a text"', "value", {"v.x"}, set(), True),
        ("exists $v{x}", "value", {"v.x"}, set(), True),
        ("my %v = (x => 1); $v{x}", "value", set(), set(), True),
        (" i.counter = a.input ", "in", {"a.input"}, {"i.counter"}, True),
        ("v.x.y = v.z[0]", "eval", {"v.z"}, {"v.x"}, True),
        ("v.n += 1; v['s'] += 'x'", "eval", {"v.n", "v.s"}, {"v.n", "v.s"}, True),
        ("v.l.append(1)", "eval", {"v.l"}, {"v.l"}, True),
        ("del v.x", "eval", set(), {"v.x"}, True),
        ("i.update(a)", "in", set(), set(), False),
        ("v[v.name]", "value", {"v.name"}, set(), False),
        ("v.get('x', 1)", "value", {"v.x"}, set(), True),
        ("v.setdefault('x', 1)", "eval", {"v.x"}, {"v.x"}, True),
        ("'x' in v", "value", {"v.x"}, set(), True),
        ("[k for k in v]", "value", set(), set(), False),
        ("[v.x for v in a.l]", "value", {"a.l"}, set(), True),
        ("f'{v.x} {v[\"y\"]}'", "value", {"v.x", "v.y"}, set(), True),
        ("v.name.upper()", "value", {"v.name"}, set(), True),
    ],
)
def test_facts(code: str, role: str, reads: Keys, writes: Keys, complete: bool) -> None:
    facts = translated(code, role).facts
    assert {f"{letter}.{key}" for letter, key in facts.reads} == reads
    assert {f"{letter}.{key}" for letter, key in facts.writes} == writes
    assert facts.complete is complete


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ('$v{name} = $v{\'name\'} . $v{"name"} . "x $v{name}";', "eval"),
        ("\n\t\tv.name = v['name'] + f'{v.name}' + v.get('name')\n\t\tdel v.name\n", "eval"),
        ("@v{qw(name)} = (1);", "eval"),
    ],
)
def test_names_are_where_they_stand(code: str, role: str) -> None:
    names = translated(code, role).names
    assert len(names) >= 1
    for use in names:
        assert code[use.span.start - START : use.span.end - START] == use.key == "name"
