"""`jcc fmt`, `migrate`, `build`, `dump`, `graph`, `explain`, and the help of every command."""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import marshal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import pytest

from jcc.cli import main
from jcc.cli.main import build_parser
from jobcenter.artifact import from_json
from tests.conftest import ROOT

Run = Callable[..., tuple[int, str]]
CALL = "import sys; from {}.cli.main import main; sys.exit(main())"
EXAMPLES = ROOT / "examples"
CALLTEST = str(EXAMPLES / "calltest.wf")
UNTIDY = "workflow w:\n    do:\n        let:\n            x=1;\n"
TIDY = "workflow w:\n\tdo:\n\t\tlet:\n\t\t\tx = 1\n"


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jcc.toml").touch()

    def call(*arguments: str) -> tuple[int, str]:
        status = main(arguments)
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out + captured.err

    return call


def test_fmt_writes_the_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "w.wf"
    file.write_text(UNTIDY)
    assert run("fmt", "--check", "w.wf") == (1, "would format w.wf\n")
    assert run("fmt", "--diff", "w.wf")[0] == 1
    assert file.read_text() == UNTIDY
    assert run("fmt", "w.wf") == (0, "formatted w.wf\n")
    assert file.read_text() == TIDY
    assert run("fmt", "--check", "w.wf") == (0, "")


def test_fmt_takes_the_configured_indentation(run: Run, tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text("indent = 2")
    (tmp_path / "w.wf").write_text(UNTIDY)
    run("fmt", ".")
    assert (tmp_path / "w.wf").read_text() == TIDY.replace("\t", "  ")


def test_fmt_of_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(UNTIDY))
    assert run("fmt", "-") == (0, TIDY)


def test_migrate_leaves_no_perl(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calltest_perl.wf"
    file.write_text((EXAMPLES / "calltest_perl.wf").read_text())
    before = file.read_text()
    assert "+\t\t\tcounter = a.input\n" in run("migrate", "--diff", "calltest_perl.wf")[1]
    assert file.read_text() == before
    assert run("migrate", "calltest_perl.wf") == (0, "calltest_perl.wf: 3 blocks rewritten\n")
    assert "[[" not in file.read_text()


def test_migrate_tells_what_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.wf").write_text("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[[ $v{x} = `ls`; ]]\n")
    status, said = run("migrate", "w.wf")
    assert status == 1
    assert said == "w.wf:4: this block stays Perl; `jcc check` tells what stands in the way\n"


def test_migrate_keeps_an_expression_together(run: Run, tmp_path: Path) -> None:
    text = "workflow w:\n\tdo:\n\t\tif [[ $v{a} or $v{b} ]] and v.c:\n\t\t\treturn\n"
    (tmp_path / "w.wf").write_text(text)
    run("migrate", "w.wf")
    assert "if (v.a or v.b) and v.c:" in (tmp_path / "w.wf").read_text()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_build_gives_the_same_bytes_in_every_process(run: Run, tmp_path: Path) -> None:
    for number in ("0", "1"):
        program = f"from jcc.cli import main; main(['build', {CALLTEST!r}, '-o', 'out{number}'])"
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": number},
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    assert contents(tmp_path / "out0") == contents(tmp_path / "out1")


def test_build_writes_what_can_be_deployed_and_loaded(run: Run, tmp_path: Path) -> None:
    status, said = run("build", CALLTEST, "-o", "out")
    assert status == 0
    names = {"add.json", "add.sql", "calltest.json", "calltest.sql", "calltest.py", "calltest.pyc"}
    assert {Path(line).name for line in said.splitlines()} == names
    definition = from_json((tmp_path / "out" / "calltest.json").read_text())
    assert definition.name == "calltest"
    compiled = (tmp_path / "out" / "calltest.pyc").read_bytes()
    assert marshal.loads(compiled[16:]).co_filename == "<workflow calltest>"


def test_build_into_a_place_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    status, said = run("build", CALLTEST, "-o", "taken")
    assert status == 2
    assert "cannot write taken: " in said


@pytest.mark.parametrize(
    ("stage", "shows"),
    [
        ("tokens", "2:1\tworkflow\t'workflow'"),
        ("tree", "inputs: Map"),
        ("typed", ":: number"),
        ("tasks", "call action add task_2_in task_2_out"),
        ("python", "op_put(i, op_get(a, 'input'), 'counter')"),
        ("bytecode", "op_put"),
    ],
)
def test_dump_shows_each_stage(run: Run, stage: str, shows: str) -> None:
    status, said = run("dump", CALLTEST, stage)
    assert status == 0
    assert shows in said


def test_graph(run: Run) -> None:
    assert run("graph", CALLTEST)[1].startswith("digraph")
    assert run("graph", CALLTEST, "--format", "mermaid")[1].startswith("flowchart")
    drawing = ElementTree.fromstring(run("graph", CALLTEST, "--format", "svg")[1])
    assert drawing.tag.endswith("svg")


def test_explain(run: Run) -> None:
    assert run("explain", "jcc201")[1].startswith("# JCC201: unknown-action\n")
    assert run("explain", "unknown-action")[1].startswith("# JCC201: unknown-action\n")
    assert "JCC201  error    unknown-action\n" in run("explain")[1]
    status, said = run("explain", "unknown-acton")
    assert status == 2
    assert "did you mean `unknown-action`?" in said


def commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_the_help_of_a_command_needs_no_manual(name: str, command: argparse.ArgumentParser) -> None:
    text = command.format_help()
    assert command.description
    assert f"jcc {name}" in text.partition("examples:")[2]
    assert "exit status: 0" in text
    for action in command._actions:
        assert action.help, (name, action.dest)


def test_every_command_has_its_module() -> None:
    for name, command in commands():
        module = command.get_default("module")
        assert (ROOT / "jcc" / "cli" / f"{module}.py").exists(), name


@pytest.mark.parametrize(
    ("package", "arguments"),
    [
        ("jcc.cli", ["--version"]),
        ("jcc.cli", ["lsp", "--version"]),
        ("jobcenter.cli", ["--version"]),
    ],
)
def test_the_version_is_the_distribution_s(package: str, arguments: list[str]) -> None:
    program = f"from {package} import main; main({arguments})"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    told = f"jobcenter-jcc {importlib.metadata.version('jobcenter-jcc')}\n"
    assert (found.returncode, found.stdout, found.stderr) == (0, told, "")


def test_an_interrupt_while_the_command_is_imported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["explain", "JCC201"]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def interrupted(name: str) -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "command", "redirection", "status", "said"),
    [
        ("jcc", "explain", ">/dev/full", 2, "jcc: [Errno 28] No space left on device\n"),
        ("jcc", "explain", ">&-", 0, ""),
        ("jobcenter", "--version", ">&-", 0, ""),
        ("jcc", "explain", "| head -n 1 >/dev/null", 0, ""),
    ],
)
def test_an_output_that_cannot_be_written(
    module: str, command: str, redirection: str, status: int, said: str
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -c "$1" {command} {redirection}', sys.executable, CALL.format(module)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, said)


@pytest.mark.parametrize("tags", ["", ":", "a::b"])
def test_a_tag_has_a_name(tags: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["deploy", "--tags", tags, CALLTEST])
    assert f"argument --tags: `{tags}` holds an empty tag" in capfd.readouterr().err
