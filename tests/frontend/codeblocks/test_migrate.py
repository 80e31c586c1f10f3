"""What `jcc migrate` writes instead of a Perl block gives what the block gave."""

from __future__ import annotations

import copy
from textwrap import indent
from typing import Any

import pytest

from jcc.backend.compile import compile_definition
from jcc.frontend.codeblocks.migrate import migrate_block
from jcc.workspace import Workspace, analysed, source
from jobcenter.sandbox import JclError, load_module, run
from tests.frontend.codeblocks.blocks import FILLED, code_block, exactly, run_translated, translated
from tests.frontend.codeblocks.corpus import Case, read_corpus

CORPUS = read_corpus()
OUTER = {
    "in": "workflow w:\n\tdo:\n\t\tcall w:\n{}",
    "out": "workflow w:\n\tdo:\n\t\tcall w:\n\t\tinto:\n{}",
    "eval": "workflow w:\n\tdo:\n\t\teval:\n{}",
    "end": "workflow w:\n\twfomap:\n{}",
    "value": "workflow w:\n\tdo:\n\t\tlet:\n\t\t\tresult = {}\n",
}


def migrated(case: Case) -> str:
    text = migrate_block(code_block(case.code, "perl"), case.role, FILLED.get(case.role, ""))
    assert text is not None
    return text


def result_of(case: Case, text: str) -> Any:
    """What a migrated block gives in the place of the old one."""
    if text.startswith("["):
        tag = "python" if text.startswith("[python[") else ""
        inside = text[len(tag) + 2 : -len(tag) - 2]
        block = translated(inside, case.role, tag)
        assert block.language == "python"
        return run_translated(block, case.role, case.objects)
    return native_result(case, text)


def native_result(case: Case, text: str) -> Any:
    body = (
        text
        if case.role == "value"
        else indent(text, "\t\t\t\t" if case.role != "end" else "\t\t") + "\n"
    )
    workspace = Workspace()
    workspace.set_text("w.wf", OUTER[case.role].format(body))
    (analysis,) = analysed(workspace, "w.wf")
    definition, found = compile_definition(
        source(workspace, "w.wf"), analysis.model.definition, analysis.model
    )
    assert found == ()
    assert definition.module is not None
    functions = load_module(definition.module)
    role = "eval" if case.role == "value" else case.role
    (function,) = (f for name, f in functions.items() if name.split("_")[-1] == role)
    given = {**{letter: {} for letter in "aeiotv"}, **copy.deepcopy(case.objects)}
    letters = function.__code__.co_varnames[: function.__code__.co_argcount]
    run(function, *(given[letter] for letter in letters))
    return given["v"]["result"] if case.role == "value" else given[FILLED[role]]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_migrated_block_gives_the_same(case: Case) -> None:
    text = migrated(case)
    if case.error is not None:
        with pytest.raises(JclError) as caught:
            result_of(case, text)
        assert case.error in caught.value.msg
    else:
        assert exactly(result_of(case, text), case.expected)


def migrate(code: str, role: str = "value") -> str | None:
    return migrate_block(code_block(code), role, FILLED.get(role, ""))


@pytest.mark.parametrize(
    ("role", "perl", "native"),
    [
        ("in", " $i{counter} = $a{input}; $i{step} = 3; ", "counter = a.input\nstep = 3"),
        ("end", " $o{output} = $v{thing}; ", "output = v.thing"),
        ("out", "$v{l} .= $o{c} if defined $o{c}", "l .= ifdef(o.c)"),
        ("eval", "push @{$v{list}}, $v{x}", "list ,= v.x"),
        ("in", "%i = (n => 1, 'b c' => $v{x})", "n = 1\n'b c' = v.x"),
        ("value", "@{v{ips}}", "length(v.ips)"),
        (
            "value",
            "$v{p} and $v{p} eq 'set_default_ip'",
            "v.p and v.p eq 'set_default_ip'",
        ),
        ("value", '"<$v{x}>"', "concat('<', v.x, '>')"),
        ("value", "($v{a} + 1) * $v{l}[0]", "(v.a + 1) * v.l[0]"),
    ],
)
def test_plain_blocks_become_native(role: str, perl: str, native: str) -> None:
    assert migrate(perl, role) == native


def test_others_become_python() -> None:
    assert migrate("my $n = 0; $n += $_ for @{$v{l}}; $v{n} = $n;", "eval") == (
        "[[\nn = 0\nt1 = pl_array(v.l)\nfor item in t1:\n    n = op_add(n, item)\nv.n = n\n]]"
    )


def test_brackets_in_the_code_need_a_tag() -> None:
    assert migrate("my $x = 1; [1, [$x]]") == "[python[\nx = 1\nreturn [1, [x]]\n]python]"


@pytest.mark.parametrize("code", ["v.x + 1", "$v{x} = ", "print $v{x}", "open(F, 'x')"])
def test_what_is_no_sound_perl_is_left_alone(code: str) -> None:
    assert migrate(code, "eval") is None
