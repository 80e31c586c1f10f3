"""What goes wrong is said in words, with the right exit status, and never as a traceback."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from jcc.cli import main
from tests.conftest import ROOT

CALLTEST = str(ROOT / "examples" / "calltest.wf")


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status and all that was printed."""
    status = main(arguments)
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out + captured.err


@pytest.mark.parametrize("command", [("check",), ("build",), ("deploy",), ("run",)])
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.wf", None, "missing.wf: no such file or directory"),
        ("latin.wf", b"workflow w:\n\tdo:\n\t\t# \xe9t\xe9\n", "is not UTF-8: byte 0xe9 in line 3"),
    ],
)
def test_a_file_that_cannot_be_read(
    command: tuple[str, ...],
    name: str,
    content: bytes | None,
    says: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    status, said = run(capfd, *command, str(file))
    assert status == 2
    assert says in said


def test_the_readable_files_beside_a_broken_one_are_checked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.wf").write_bytes(b"\xff")
    (tmp_path / "w.wf").write_text("workflow w:\n\tdo:\n\t\tcall nobody:\n")
    status, said = run(capfd, "check", str(tmp_path))
    assert status == 2
    assert "latin.wf: is not UTF-8: byte 0xff in line 1" in said
    assert "is named `nobody`" in said


def test_an_empty_file_holds_no_definition(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.wf").write_text("")
    for command in ("check", "run"):
        status, said = run(capfd, command, str(tmp_path / "empty.wf"))
        assert status == 1
        assert "JCC1" in said


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ('{"input": ', "the inputs are not JSON: expecting value at character 11"),
        (f'{{"input": 1{5000 * "0"}}}', "the inputs hold a number of too many digits"),
        ("[1]", "the inputs must be an object"),
        ("[" * 100_000, "the inputs are nested too deep"),
        ("{}", "calltest needs the input `input` (number)"),
        ('{"inptu": 1}', "calltest has no input `inptu`; did you mean `input`?"),
    ],
)
def test_inputs_that_do_not_fit_are_told_before_anything_is_started(
    inputs: str, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status, said = run(capfd, "run", CALLTEST, inputs, "--dsn", "host=127.0.0.1 port=1")
    assert status == 2
    assert says in said


def test_the_first_workflow_of_a_file_is_run_also_where_it_calls_the_second(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "first.wf"
    second = "workflow second:\n\tdo:\n\t\tsleep 1\n"
    file.write_text(f"workflow first:\n\tin:\n\t\tn\tnumber\n\tdo:\n\t\tcall second:\n\n{second}")
    status, said = run(capfd, "run", str(file), "{}")
    assert (status, said) == (2, "jcc: first needs the input `n` (number)\n")


@pytest.mark.parametrize(
    "order",
    [
        ("--timeout", "9", CALLTEST, "[]"),
        (CALLTEST, "--timeout", "9", "[]"),
        (CALLTEST, "[]", "--timeout", "9"),
    ],
)
def test_options_may_stand_anywhere(
    order: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    status, said = run(capfd, "run", *order)
    assert status == 2
    assert "the inputs must be an object" in said


def test_an_input_of_a_wrong_type(database: str, capfd: pytest.CaptureFixture[str]) -> None:
    status, said = run(capfd, "run", CALLTEST, '{"input": "abc"}', "--dsn", database)
    assert status == 2
    assert 'input argument "input" has wrong type string (should be number)' in said


def test_no_database(capfd: pytest.CaptureFixture[str]) -> None:
    for command in (("run", CALLTEST, '{"input": 1}'), ("deploy", CALLTEST)):
        status, said = run(capfd, *command, "--dsn", "host=127.0.0.1 port=1")
        assert status == 3
        assert "no database" in said


def test_a_database_of_a_newer_schema(database: str, capfd: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into jobcenter.migrations (version, name, hash) values (9999, 'later', '')"
        )
    for command in (("run", CALLTEST, '{"input": 1}'), ("deploy", CALLTEST)):
        status, said = run(capfd, *command, "--dsn", database)
        assert status == 1
        assert "9999" in said


def test_an_action_that_no_worker_offers(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lonely.wf").write_text("workflow lonely:\n\tdo:\n\t\tcall nobody_does:\n")
    (tmp_path / "nobody_does.ac").write_text("action nobody_does:\n")
    status, said = run(
        capfd, "run", str(tmp_path / "lonely.wf"), "--dsn", database, "--timeout", "3"
    )
    assert status == 1
    assert "waiting: " in said
    assert "nobody_does" in said


def test_a_procedure_without_a_function(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "half.ac").write_text("procedure half:\n")
    status, said = run(capfd, "deploy", str(tmp_path / "half.ac"), "--dsn", database)
    assert status == 0
    assert said == (
        "procedure half: new, version 1\n"
        "  the database has no function half(jsonb) in its schema public yet\n"
    )


def test_an_error_of_the_job_is_its_output(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w.wf").write_text("workflow w:\n\tdo:\n\t\traise_error 'no luck'\n")
    status, said = run(capfd, "run", str(tmp_path / "w.wf"), "--dsn", database)
    assert status == 1
    assert '"msg": "no luck"' in said


def test_a_file_with_errors_is_not_deployed(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w.wf").write_text("workflow w:\n\tdo:\n\t\tcall nobody:\n\t\tcall :\n")
    for command in ("run", "deploy"):
        status, said = run(capfd, command, str(tmp_path / "w.wf"), "--dsn", database)
        assert status == 1
        assert "is named `nobody`" in said
    with psycopg.connect(database) as connection:
        assert connection.execute(
            "select count(*) from jobcenter.actions where type = 'workflow'"
        ).fetchone() == (0,)
