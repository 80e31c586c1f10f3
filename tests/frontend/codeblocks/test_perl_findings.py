"""What is said of Perl blocks: exact places, and what to write instead."""

from __future__ import annotations

import pytest

from jcc.diagnostics import Severity
from tests.frontend.codeblocks.blocks import START, findings, run_translated, translated


@pytest.mark.parametrize(
    ("code", "role", "found"),
    [
        ("@{v{ips}}", "value", [("JCC652", "v")]),
        ("$v{x} = v{y};", "eval", [("JCC652", "v")]),
        ("$v->{x} = 1;", "eval", [("JCC653", "$v->")]),
        ("$a{x} = 1;", "eval", [("JCC603", "$a")]),
        ("$v{x} = 1;", "in", [("JCC603", "$v")]),
        ("push @{$a{l}}, 1;", "eval", [("JCC603", "$a")]),
        ("%a = ();", "eval", [("JCC603", "%a")]),
        ("$i{x} = $o{y};", "in", [("JCC604", "$o")]),
        ("$x = 1;", "eval", [("JCC651", "$x")]),
        ("my $name; $v{x} = $nam;", "eval", [("JCC651", "$nam")]),
        ('$v{x} = "me@example.nl";', "eval", [("JCC651", "@example")]),
        ("{ my $x = 1; } $v{x} = $x;", "eval", [("JCC651", "$x")]),
        ("$v{x} = $v;", "eval", [("JCC651", "$v")]),
        ("print 'x';", "eval", [("JCC650", "print")]),
        ("$v{x} = time;", "eval", [("JCC650", "time")]),
        ("use strict; $v{x} = 1;", "eval", [("JCC650", "use")]),
        ("my $f = sub { 1 };", "eval", [("JCC650", "sub")]),
        ("our $x = 1;", "eval", [("JCC650", "our")]),
        ("$v{x} = `ls`;", "eval", [("JCC650", "`ls`")]),
        ("$v{x} = <STDIN>;", "eval", [("JCC650", "<")]),
        ("$v{x} = $v{y} & 3;", "eval", [("JCC650", "&")]),
        ("$v{x} = $v{f}->(1);", "eval", [("JCC650", "$v{f}->")]),
        ("$v{x} = $obj->method;", "eval", [("JCC650", "$obj->method")]),
        ("last;", "eval", [("JCC650", "last")]),
        ("my @l = sort { next } 1, 2;", "eval", [("JCC650", "next")]),
        ("$v{x} = \\$v{y};", "eval", [("JCC650", "\\$v{y}")]),
        (
            "for (values %{$v{h}}) { $_ = 1 }",
            "eval",
            [("JCC650", "for (values %{$v{h}}) { $_ = 1 }")],
        ),
        ("$v{x} =~ /a(b/;", "eval", [("JCC654", "/a(b/")]),
        ("$v{x} =~ /(?{1})/;", "eval", [("JCC654", "/(?{1})/")]),
        ("$v{x} =~ /a/q;", "eval", [("JCC650", "q")]),
        ("$v{x} = foo($v{y});", "eval", [("JCC655", "foo")]),
        ("$v{x} = $JCL->uper('x');", "eval", [("JCC655", "uper")]),
        ("$v{x} = $JCL->upper();", "eval", [("JCC607", "upper")]),
        ("$v{x} == 'abc'", "value", [("JCC656", "==")]),
        ("$v{x} eq 'abc' || $v{x} == '12'", "value", []),
        ("$v{x} = ;", "eval", [("JCC602", ";")]),
        ("$v{x} = 'abc;", "eval", [("JCC602", "'")]),
        ("if ($v{x}) { $v{y} = 1", "eval", [("JCC602", "{")]),
        ("$v{x} = 1 $v{y} = 2;", "eval", [("JCC602", "$")]),
        ("if ($v{x}) { } else if ($v{y}) { }", "eval", [("JCC602", "i")]),
        ("$v{x} = foo;", "eval", [("JCC602", "foo")]),
        ("$v{x} = $v{y} . v.z;", "eval", [("JCC602", "v")]),
        (
            "my $x = $v{l}; foreach my $y (@$x) { }",
            "value",
            [("JCC605", "foreach my $y (@$x) { }")],
        ),
        ("", "value", [("JCC605", "")]),
        (
            "$v{x} = $y; print $z; $v{w} = $q;",
            "eval",
            [("JCC651", "$y"), ("JCC650", "print"), ("JCC651", "$q")],
        ),
    ],
)
def test_findings(code: str, role: str, found: list[tuple[str, str]]) -> None:
    if code == "":
        assert [each for each, _ in findings(code, role, "perl")] == ["JCC605"]
    else:
        assert findings(code, role, "perl") == found


@pytest.mark.parametrize(
    ("code", "help"),
    [
        ("my $name; $v{x} = $nam;", "did you mean `$name`?"),
        ('$v{x} = "me@example.nl";', "declare it, or write `\\@example` in a string"),
        ("$v{x} = $v;", "an element of it is `$v{name}`, all of it `%v`"),
        ("$v{x} = time;", "`$JCL->now()` gives the time as ISO 8601"),
        ("$v{x} = true;", "write `$TRUE`"),
        ("$v{x} = foo;", "a string is quoted: `'foo'`"),
        ("$v{x} = jion(1);", "did you mean `join`?"),
        ("$v{x} = $v{y} . v.z;", "in Perl it is `$v{name}`"),
    ],
)
def test_help(code: str, help: str) -> None:
    (found,) = translated(code, "eval", "perl").diagnostics
    assert found.help == help


def fixed(code: str, role: str) -> str:
    """The block with all fixes applied."""
    edits = [
        edit
        for found in translated(code, role, "perl").diagnostics
        if found.fix is not None
        for edit in found.fix.edits
    ]
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        code = code[: edit.span.start - START] + edit.text + code[edit.span.end - START :]
    return code


@pytest.mark.parametrize(
    ("code", "role", "after"),
    [
        ("@{v{ips}}", "value", "@{$v{ips}}"),
        ("$v->{x}->{y} = v{z};", "eval", "$v{x}->{y} = $v{z};"),
        ("$v{x}=='abc'", "value", "$v{x} eq 'abc'"),
        ("$v{x} != 'abc'", "value", "$v{x} ne 'abc'"),
    ],
)
def test_fixes(code: str, role: str, after: str) -> None:
    assert fixed(code, role) == after
    assert translated(after, role, "perl").diagnostics == ()


def test_what_is_read_as_meant_works() -> None:
    block = translated("@{v{ips}} and $v->{ips}[0] eq 'x'")
    assert all(found.severity is Severity.WARNING for found in block.diagnostics)
    assert run_translated(block, "value", {"v": {"ips": ["x"]}}) is True


@pytest.mark.parametrize(
    "code",
    [
        "(" * 1_000 + ")" * 1_000,
        "!" * 10_000 + "1",
        "1" + " + 1" * 5_000,
        "1" + " ** 1" * 5_000,
        "$v{x}" + "{y}" * 5_000 + " + (" * 100,
        "{" * 500 + "}" * 500,
        "[" * 500,
        "@{" * 500,
        "$" * 5_000 + "x",
        "map { " * 100 + "1" + " } 1" * 100,
        "1 ? " * 500 + "2" + " : 3" * 500,
        '"' + "@{[ " * 200 + '"',
        '"' + "\\u" * 5_000 + 'x"',
        "if (1) { " * 100 + "1" + " }" * 100,
        "if (1) { 1 }" + " elsif (1) { 1 }" * 200,
        "for (1) { " * 30 + "1;" + " }" * 30,
        "$v{x} = " * 500 + "1",
        "tr/\\x{0}-\\x{10ffff}/a/",
        "$v{x} =~ /" + "(a{100}){100}" * 5 + "/",
        "$v{x} =~ /" + "(" * 600 + ")" * 600 + "/",
    ],
)
def test_hostile_nesting_is_a_finding(code: str) -> None:
    assert findings(code, "value", "perl")


def test_long_chains_of_strings_are_fine() -> None:
    code = " . ".join(["$v{x}"] * 500)
    block = translated(code)
    assert block.diagnostics == ()
    assert run_translated(block, "value", {"v": {"x": "ab"}}) == "ab" * 500
