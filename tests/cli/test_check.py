"""`jcc check`: formats, configuration, suppressions, fixes, statistics, baselines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jcc.cli import main

Check = Callable[..., tuple[int, str]]
WRONG = """workflow w:
	out:
		x	number
	wfomap:
		x = 1
	do:
		call ad:
			counter = 1
"""
ADD = "action add:\n\tin:\n\t\tcounter\tnumber\n"
STYLE = WRONG.replace("call ad:", "call add:").replace("x = 1", "x = 1;")


@pytest.fixture
def check(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Check:
    """`check(text, *options)` in a folder with w.wf and add.ac."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobcenter.toml").touch()
    (tmp_path / "add.ac").write_text(ADD)

    def run(text: str | None, *options: str) -> tuple[int, str]:
        if text is not None:
            (tmp_path / "w.wf").write_text(text)
        status = main(["check", *(options or ("w.wf",))])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out + captured.err

    return run


def test_text_shows_the_place_and_the_way_out(check: Check) -> None:
    status, said = check(WRONG)
    assert status == 1
    assert said == (
        "error[JCC201]: no action, workflow or procedure is named `ad`\n"
        " --> w.wf:7:8\n"
        "  |\n"
        "7 |         call ad:\n"
        "  |              ^^\n"
        "  |\n"
        "  = help: did you mean `add`?\n\n"
        "found 1 error\n"
    )


def test_colour_is_for_terminals_that_ask_for_it(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31;1merror[JCC201]\x1b[0m" in check(WRONG)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in check(WRONG)[1]


def test_concise(check: Check) -> None:
    _, said = check(WRONG, "w.wf", "--format", "concise")
    assert said == "w.wf:7:8: error[JCC201] no action, workflow or procedure is named `ad`\n"


def test_json(check: Check) -> None:
    _, said = check(WRONG, "w.wf", "--format", "json")
    (finding,) = json.loads(said)
    assert finding["start"] == {"line": 7, "column": 8}
    assert finding["end"] == {"line": 7, "column": 10}
    assert finding["fix"]["edits"][0]["text"] == "add"


def test_github(check: Check) -> None:
    _, said = check(WRONG, "w.wf", "--format", "github")
    assert said.startswith("::error file=w.wf,line=7,col=8,endLine=7,endColumn=10,title=JCC201::")


def test_gitlab_keeps_a_finding_when_it_moves(check: Check) -> None:
    def fingerprint(text: str) -> str:
        (issue,) = json.loads(check(text, "w.wf", "--format", "gitlab")[1])
        found = issue["fingerprint"]
        assert isinstance(found, str)
        return found

    assert fingerprint(WRONG) == fingerprint("# a comment\n" + WRONG)


def test_junit(check: Check) -> None:
    _, said = check(WRONG, "w.wf", "--format", "junit")
    suites = ElementTree.fromstring(said.encode())
    assert suites.get("failures") == "1"
    assert suites[0][0][0].get("message") == "no action, workflow or procedure is named `ad`"


def test_no_finding_is_an_empty_report(check: Check) -> None:
    clean = WRONG.replace("call ad:", "call add:")
    assert check(clean) == (0, "no findings\n")
    assert check(clean, "w.wf", "--format", "concise") == (0, "")
    assert json.loads(check(clean, "w.wf", "--format", "json")[1]) == []
    assert json.loads(check(clean, "w.wf", "--format", "sarif")[1])["runs"][0]["results"] == []


def test_the_level_that_fails(check: Check) -> None:
    assert check(STYLE)[0] == 0
    assert check(STYLE, "w.wf", "--fail-level", "hint")[0] == 1


@pytest.mark.parametrize(
    "settings",
    [
        'ignore = ["JCC2"]',
        'ignore = ["unknown-action"]',
        'select = ["JCC8"]',
        '[per-file-ignores]\n"*.wf" = ["JCC201"]',
    ],
)
def test_configuration_chooses(check: Check, tmp_path: Path, settings: str) -> None:
    (tmp_path / "jcc.toml").write_text(settings)
    assert check(WRONG) == (0, "no findings\n")


def test_configuration_in_pyproject(check: Check, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.jcc]\nignore = ["JCC201"]\nfail-level = "hint"')
    assert check(WRONG) == (0, "no findings\n")
    assert check(STYLE)[0] == 1


def test_excluded_files_are_checked_only_by_name(check: Check, tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text('exclude = ["w.wf"]')
    assert check(WRONG, ".") == (0, "no findings\n")
    assert check(WRONG, "w.wf")[0] == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("ignor = []", "no setting is named `ignor`; did you mean `ignore`?"),
        ('ignore = ["JCC9999"]', "names `JCC9999`, which is no diagnostic"),
        ('indent = "wide"', '`indent` takes "tab" or a number of spaces'),
        ('fail-level = "all"', "`fail-level` takes one of hint, info, warning, error"),
        ("select = 7", "`select` takes a list of strings"),
        ("= 7", "jcc.toml: "),
    ],
)
def test_a_wrong_setting_is_named(check: Check, tmp_path: Path, settings: str, says: str) -> None:
    (tmp_path / "jcc.toml").write_text(settings)
    status, said = check(WRONG)
    assert status == 2
    assert says in said


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("", " # jcc: ignore[JCC201]"),
        ("", " # it is deployed elsewhere # jcc: ignore[unknown-action, JCC201]"),
        ("\t\t# jcc: ignore[JCC201]\n", ""),
        ("\t\t# jcc: ignore-file[JCC201]\n\n", ""),
    ],
)
def test_a_comment_silences(check: Check, before: str, behind: str) -> None:
    text = WRONG.replace("\t\tcall ad:", f"{before}\t\tcall ad:{behind}")
    assert check(text) == (0, "no findings\n")


def test_a_comment_that_silences_nothing_is_told_and_removed(check: Check, tmp_path: Path) -> None:
    text = WRONG.replace("call ad:", "call add: # jcc: ignore[JCC201]")
    assert "[JCC890]" in check(text)[1]
    assert check(text, "w.wf", "--fix") == (0, "no findings\n")
    assert "jcc:" not in (tmp_path / "w.wf").read_text()


def test_fix_mends_the_file(check: Check, tmp_path: Path) -> None:
    assert check(WRONG, "w.wf", "--fix", "--unsafe-fixes") == (0, "no findings\n")
    assert (tmp_path / "w.wf").read_text() == WRONG.replace("call ad:", "call add:")


def test_safe_fixes_leave_the_meaning_alone(check: Check, tmp_path: Path) -> None:
    status, _ = check(WRONG.replace("x = 1", "x = 1;"), "w.wf", "--fix")
    assert status == 1
    assert (tmp_path / "w.wf").read_text() == WRONG  # the semicolon went, the guess was not made


def test_diff_writes_nothing(check: Check, tmp_path: Path) -> None:
    _, said = check(STYLE, "w.wf", "--fix", "--diff")
    assert re.search(r"^-\t\tx = 1;\n\+\t\tx = 1$", said, re.M)
    assert (tmp_path / "w.wf").read_text() == STYLE


def test_statistics(check: Check) -> None:
    _, said = check(WRONG, "w.wf", "--statistics")
    assert said == "     1  JCC201  unknown-action\n"


def test_a_baseline_keeps_what_is_known_apart_from_what_is_new(
    check: Check, tmp_path: Path
) -> None:
    assert check(WRONG, "w.wf", "--write-baseline", "known.json")[0] == 0
    assert check(WRONG, "w.wf", "--baseline", "known.json") == (0, "no findings\n")
    (tmp_path / "jcc.toml").write_text('baseline = "known.json"')
    assert check("# moved\n" + WRONG) == (0, "no findings\n")
    status, said = check(WRONG + "\t\tcall bad:\n")
    assert status == 1
    assert "`bad`" in said
    assert "`ad`" not in said
    (tmp_path / "known.json").write_text("[]")
    assert check(WRONG)[0] == 2


@pytest.mark.parametrize(
    ("schema", "why"),
    [("[" * 100_000, "it is nested too deep"), ('{"type": }', "line 1, column 10"), ("", "line 1")],
)
def test_a_schema_that_is_no_json_is_told_of(
    check: Check, tmp_path: Path, schema: str, why: str
) -> None:
    (tmp_path / "order.schema.json").write_text(schema)
    text = "workflow w:\n\tin:\n\t\tx\torder\n\tdo:\n\t\tsleep a.x\n"
    status, said = check(text, "w.wf", "--format", "concise")
    assert (status, said.count("JCC"), "JCC234" in said, why in said) == (1, 1, True, True)
