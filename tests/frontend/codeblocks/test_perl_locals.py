"""The variables of a Perl block: which mentions mean the same `my`."""

from __future__ import annotations

import re

import pytest

from jcc.frontend.codeblocks.perl.locals import locals_of


def marked(code: str) -> str:
    """The block with the number of its `my` behind each mention of a variable, and `!` where it is set."""
    found = [
        (one.span.end, f"{one.scope}{'!' if one.write else ''}")
        for one in locals_of(code, 0)
        if one.span
    ]
    for end, note in sorted(found, reverse=True):
        code = f"{code[:end]}«{note}»{code[end:]}"
    return code


@pytest.mark.parametrize(
    "expected",
    [
        "my $x«1!» = $a{x}; $v{x} = $x«1» + 1;",
        "my $x«1!» = 1; my $x«2!» = $x«1» + 1; $v{y} = $x«2»;",
        "my @x«1!» = (1); my $x«2!» = $x«1»[0]; $v{n} = $#x«1» + scalar(@x«1»);",
        "my %h«1!»; $h«1»{k} = 1; $v{x} = $h«1»{k}; $v{k} = [keys %h«1»];",
        "my $r«1!» = {}; $r«1»->{k} = 1; $v{x} = @{$r«1»->{l}};",
        "my $x«1!» = 1; foreach my $x«2!» (1, $x«1») { $v{s} += $x«2»; } $v{x} = $x«1»;",
        "my $x«1!» = 1; if ($x«1») { my $x«2!» = 2; $x«2!» = 3; } else { $x«1!» = 4; }",
        'my ($x«1!», @y«2!») = (1, 2); $v{t} = "$x«1» ${x«1»} $y«2»[0] @y«2» x";',
        r"my @l«2!» = map { my $n«1!» = $_; $n«1» * 2 } @{$v{l}}; $v{l} = \@l«2»;",
        "for (my $i«1!» = 0; $i«1» < 3; $i«1!»++) { $v{n} = $i«1»; }",
        "while (my ($k«1!», $w«2!») = each %{$v{h}}) { $v{k} = $k«1» . $w«2»; }",
        "my $x«1!» = 1; $v{m} = $x«1» if $v{s} =~ /^$x«1»/;",
        "my $x = (",
    ],
)
def test_each_mention_means_the_last_my_before_it(expected: str) -> None:
    assert marked(re.sub(r"«\d!?»", "", expected)) == expected
