"""The commands as their users see them: what they print, and their exit status."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobcenter import Client
from jobcenter.cli import main
from jobcenter.cli.documents import read_object
from jobcenter.cli.parser import build_parser
from jobcenter.cli.processes import _leaner_loop
from jobcenter.errors import UsageError
from tests.runtime.client.conftest import Puppet
from tests.runtime.database.conftest import archive


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(database: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("job list", "--limit", "1")`: the first text is split at its blanks."""

    def command(text: str, *arguments: str) -> Result:
        status = main([*shlex.split(text), *arguments, "--dsn", database])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return command


def answer(puppet: Puppet, outputs: str) -> None:
    """Plays worker and Maestro for all jobs there are."""
    puppet.begin()
    puppet.connection.execute(
        "select jobcenter.task_done(o_job_cookie, %s::jsonb) from jobcenter.get_tasks('hand', 'add', 9)",
        (outputs,),
    )
    puppet.end()


def finished(database: str, puppet: Puppet) -> int:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 123})
    answer(puppet, '{"counter": 126}')
    return job.id


def test_call_prints_the_outputs(database: str, puppet: Puppet, run: Run) -> None:
    job = run("call calltest --key k --no-wait --json", '{"input": 1}').json["job_id"]
    assert run("call calltest --key k --no-wait", '{"input": 1}').out == f"{job}\n"
    answer(puppet, '{"counter": 126}')
    called = run("call calltest --key k", '{"input": 1}')
    assert (called.status, called.json, called.err) == (0, {"counter": 126}, "")


def test_call_of_a_job_that_fails(puppet: Puppet, run: Run) -> None:
    job = int(run("call calltest --key k --no-wait", '{"input": 1}').out)
    answer(puppet, '{"error": {"class": "normal", "msg": "no luck"}}')
    failed = run("call calltest --key k", '{"input": 1}')
    assert (failed.status, failed.out) == (1, "")
    assert failed.err == f"jobcenter: job {job}: no luck (normal)\n"
    told = run("call calltest --key k --json", '{"input": 1}')
    assert told.json == {"job_id": job, "error": {"class": "normal", "msg": "no luck"}}
    assert "no luck" in run("errors").out
    assert [row["job_id"] for row in run("errors --json").json] == [job]


def test_what_a_worker_wrote_does_nothing_to_the_terminal(puppet: Puppet, run: Run) -> None:
    job = int(run("call calltest --key k --no-wait", '{"input": 1}').out)
    answer(puppet, r'{"error": {"class": "normal", "msg": "one\ntwo \u001b[31mred\u0007\u009b"}}')
    failed = run("call calltest --key k", '{"input": 1}')
    assert failed.err == f"jobcenter: job {job}: one\ntwo \\x1b[31mred\\x07\\x9b (normal)\n"
    assert r"two \x1b[31mred\x07\x9b" in run("errors").out


def test_one_long_message_of_many_lines_does_not_hide_the_others(puppet: Puppet, run: Run) -> None:
    message = "\n".join(["a line"] * 1000)
    run("call calltest --no-wait", '{"input": 1}')
    answer(puppet, json.dumps({"error": {"class": "normal", "msg": message}}))
    puppet.end()
    (_, row) = run("errors").out.splitlines()
    assert r"a line\na line" in row
    assert row.rstrip().endswith("…")
    assert run("errors --json").json[0]["msg"] == message


def test_a_terminal_that_has_no_such_letter_shows_its_number(puppet: Puppet, database: str) -> None:
    puppet.connection.execute(
        """select jobcenter.create_job('calltest', '{"input": 1, "note": "zürich \u2713"}')"""
    )
    shown = subprocess.run(
        [sys.executable, "-m", "jobcenter.cli", "job", "show", "1", "--dsn", database],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert r"z\xfcrich \u2713" in shown.stdout


def test_a_narrow_table_keeps_its_times_whole(
    puppet: Puppet, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("call calltest --no-wait", json.dumps({"input": 1}))
    puppet.connection.execute(
        "update jobcenter.jobs set job_created = '2001-02-03 12:00', job_finished = '2001-02-04 12:00'"
    )
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    out = re.sub(r"\x1b\[\d+m", "", run("job list").out)
    assert re.search(r"2001-02-0[234] \d\d:00:00  2001-02-0[345] \d\d:00:00", out)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"input": }', "line 1, column 11: expecting value"),
        ("{'input': 1}", "line 1, column 2: expecting property name"),
        ("[1]", "this is an array"),
        ("12", "this is a number"),
        ("null", "this is null"),
        ('{"input": NaN}', "`NaN` is not JSON"),
        ('{"inptu": 1}', "has no input `inptu`: did you mean `input`?"),
        ("{}", 'required input argument "input" not found'),
        ('{"input": "x"}', 'input argument "input" has wrong type string (should be number)'),
        ("[" * 100_000, "ARGUMENTS"),
    ],
)
def test_arguments_that_do_not_fit_are_explained(
    text: str, said: str, puppet: Puppet, run: Run
) -> None:
    called = run("call calltest", text)
    assert called.status == 2
    assert said in called.err
    assert "Traceback" not in called.err
    assert called.out == ""


def test_the_place_of_a_mistake_is_pointed_at(puppet: Puppet, run: Run) -> None:
    called = run("call calltest", '{\n  "input": oops\n}')
    assert called.err.splitlines()[1:] == ['    "input": oops', "             ^"]


@given(st.text().filter(lambda text: text != "-"))
def test_any_text_is_an_object_or_a_usage_error(text: str) -> None:
    try:
        found: object = read_object(text, "ARGUMENTS")
    except UsageError as error:
        found = str(error)
    assert isinstance(found, dict) or str(found).startswith("ARGUMENTS: ")


def test_unknown_things_are_named(puppet: Puppet, run: Run) -> None:
    assert run("call nowhere {}")[0::2] == (2, "jobcenter: no workflow named nowhere\n")
    assert run("job show 77")[0::2] == (2, "jobcenter: no job 77\n")
    assert run("job log 77")[0::2] == (2, "jobcenter: no job 77\n")
    assert run("job cancel 77")[0::2] == (2, "jobcenter: no job 77\n")


def test_a_call_that_waits_says_for_what(
    puppet: Puppet, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 0.01)
    monkeypatch.setattr("jobcenter.why.MOMENT", 0)
    called = run("call calltest --timeout 0.2", '{"input": 1}')
    assert called.status == 1
    assert "waiting: no Maestro has taken it up (0 s)\n" in called.err
    puppet.begin()
    assert "action add has no worker" in run("job show 1").out


def test_a_call_that_has_only_just_become_able_to_go_on_alarms_nobody(
    puppet: Puppet, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 0.01)
    monkeypatch.setattr("jobcenter.why.MOMENT", 3600)
    called = run("call calltest --timeout 0.2", '{"input": 1}')
    assert called.status == 1
    assert "waiting:" not in called.err


def test_job_show_log_tree_list(database: str, puppet: Puppet, run: Run) -> None:
    job = finished(database, puppet)
    puppet.connection.execute(
        "insert into jobcenter.job_log (job_id, workflow_id, task_entered, task_completed, steps)"
        " select job_id, workflow_id, now(), now(), %s::json from jobcenter.jobs",
        ('[{"task": 1}, {"task": 2, "in": {"counter": 123}, "out": {"counter": 126}}]',),
    )
    shown = run(f"job show {job}")
    assert shown.status == 0
    assert "calltest (version 1)" in shown.out
    assert '{"counter": 126}' in shown.out
    assert run(f"job show {job} --json").json["state"] == "finished"
    log = run(f"job log {job} --json").json
    assert [(row["task"], row["action"], row["task_outargs"]) for row in log] == [
        ("start", None, None),
        ("call", "add", {"counter": 126}),
    ]
    assert "add" in run(f"job log {job}").out
    assert run(f"job tree {job}").out == f"{job} calltest finished <-\n"
    assert [row["job_id"] for row in run("job list --json").json] == [job]
    assert run("job list --state ready").out == "no jobs\n"
    assert run("job list --workflow calltest --json").json[0]["workflow"] == "calltest"
    assert run("job find", '{"input": 123}').out == f"{job}\n"
    assert run("stats --json").json["jobs"] == [
        {
            **run("stats --json").json["jobs"][0],
            "workflow": "calltest",
            "state": "finished",
            "jobs": 1,
        }
    ]


@pytest.mark.parametrize("value", ["1" + "0" * 5000, "[" * 3000 + "]" * 3000])
def test_a_value_that_python_does_not_read_hides_no_job(
    value: str, puppet: Puppet, run: Run
) -> None:
    row = puppet.connection.execute(
        "select o_job_id from jobcenter.create_job('calltest', '{\"input\": 1}', env => %s::jsonb)",
        (f'{{"odd": {value}}}',),
    ).fetchone()
    assert row is not None
    said = "that cannot be read (too many digits, or too deep)"
    assert said in run(f"job show {row[0]}").out
    assert said in run("job list --json").json[0]["environment"]
    assert run("job find", "{}").out == f"{row[0]}\n"


def test_archived_jobs_are_shown_too(database: str, puppet: Puppet, run: Run) -> None:
    job = finished(database, puppet)
    archive(puppet.connection)
    assert run(f"job show {job} --json").json["out_args"] == {"counter": 126}
    assert run(f"job tree {job} --json").json[0]["job_id"] == job
    assert [row["job_id"] for row in run("job list --json").json] == [job]


def test_who_stops_waiting_is_told_which_job_goes_on(
    puppet: Puppet, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("jobcenter.cli.jobs.result_watched", interrupted)
    stopped = run("call calltest", '{"input": 1}')
    (job,) = puppet.begin()
    assert (stopped.status, stopped.out) == (130, "")
    assert stopped.err == f"jobcenter: job {job} goes on, until `jobcenter job cancel {job}`\n"


def test_a_cancel_without_a_reason_says_so(puppet: Puppet, run: Run) -> None:
    job = run("call calltest --no-wait", '{"input": 1}').out.strip()
    puppet.begin()
    assert run(f"job cancel {job}").status == 0
    error = {"class": "abort", "msg": "the job was cancelled"}
    assert run(f"job show {job} --json").json["out_args"] == {"error": error}


def test_cancel_and_retry(database: str, puppet: Puppet, run: Run) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 1})
    puppet.begin()
    assert run(f"job retry {job.id}").status == 1
    cancelled = run(f"job cancel {job.id} --reason obsolete")
    assert (cancelled.status, cancelled.out) == (0, f"job {job.id} is cancelled\n")
    puppet.end()
    assert run(f"job cancel {job.id}")[0::2] == (1, f"jobcenter: job {job.id} has ended already\n")
    assert run(f"job cancel {job.id} --json").json is False


def test_overviews(puppet: Puppet, run: Run) -> None:
    assert run("workers").out == "no workers\n"
    puppet.connection.execute("select jobcenter.announce('hand', 'add')")
    assert run("workers --json").json[0]["actions"] == ["add"]
    assert "hand" in run("workers").out
    puppet.connection.execute("insert into jobcenter.locktypes values ('zone')")
    puppet.connection.execute("insert into jobcenter.locks values ('zone', '7', 0, 1)")
    assert run("locks --json").json[0]["waiting"] == []
    assert run("stale").out == "nothing is stale\n"
    assert run("events raise", '{"name": "paid"}').out == "raised: no subscription matches it\n"


def test_disable_and_enable(puppet: Puppet, run: Run) -> None:
    assert run("disable calltest").out == "workflow calltest is disabled\n"
    refused = run("call calltest", '{"input": 1}')
    assert (refused.status, "disabled" in refused.err) == (1, True)
    assert run("enable calltest --version 1").out == "workflow calltest, version 1, is enabled\n"
    assert run("call calltest --no-wait", '{"input": 1}').status == 0
    assert run("disable add --kind action --json").json == 1
    said = "jobcenter: no workflow named add: it is of kind action\n"
    assert run("disable add")[0::2] == (2, said)
    assert run("disable nosuch")[0::2] == (2, "jobcenter: no workflow named nosuch\n")
    said = "jobcenter: workflow calltest has no version 7\n"
    assert run("disable calltest --version 7")[0::2] == (2, said)


def test_db(empty_database: str, capsys: pytest.CaptureFixture[str]) -> None:
    def run(name: str) -> tuple[int, str]:
        return main(["db", name, "--dsn", empty_database]), capsys.readouterr().out

    assert run("status")[0] == 1
    status, out = run("init")
    assert status == 0
    assert "0001_tables.sql" in out
    assert run("status")[0] == 0
    assert "nothing to do" in run("upgrade")[1]
    with psycopg.connect(empty_database) as connection:
        connection.execute("insert into jobcenter.migrations values (9999, 'later', '', now())")
    status, out = run("status")
    assert (status, "no: this program is older than the database" in out) == (1, True)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["job", "list", "--state", "runing"], "invalid choice: 'runing' (choose from"),
        (["call", "calltest", "{}", "--timeout", "-1"], "`-1` is no number of seconds"),
        (["call", "calltest", "{}", "--timeout", "nan"], "`nan` is no number of seconds"),
    ],
)
def test_what_is_no_state_and_no_time_is_told_before_anything_is_done(
    command: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--dsn", "host=/nowhere dbname=x"])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_no_database_is_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job", "list", "--dsn", "host=/nowhere dbname=x"]) == 3
    assert capsys.readouterr().err.startswith("jobcenter: no database")


def test_a_database_without_schema_is_status_3(
    empty_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["job", "list"], ["call", "x", "{}"], ["workers"]):
        assert main([*command, "--dsn", empty_database]) == 3
        assert "jobcenter db upgrade" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("workers", "", "write MODULE:WORKER"),
        ("nothere:worker", "", "there is no module `nothere`"),
        (
            "broken:worker",
            "import nothere",
            "ModuleNotFoundError: No module named 'nothere' (broken.py, line 1)",
        ),
        ("syntax:worker", "def", "SyntaxError: invalid syntax (syntax.py, line 1)\n"),
        ("zero:worker", "\n1 / 0", "ZeroDivisionError: division by zero (zero.py, line 2)"),
        ("empty:worker", "", "module `empty` has no `worker`"),
        ("other:worker", "worker = 3", "`other:worker` is a int, not a jobcenter.Worker"),
    ],
)
def test_a_worker_that_is_not_there(
    name: str,
    content: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / f"{name.partition(':')[0]}.py").write_text(
        content
    ) if "nothere" not in name else None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", sys.path.copy())
    assert main(["worker", name, "--dsn", "host=/nowhere"]) == 2
    assert said in capsys.readouterr().err


def commands() -> Iterator[list[str]]:
    """Every command, and every group."""

    def walk(parser: Any, path: list[str]) -> Iterator[list[str]]:
        yield path
        for action in parser._actions:
            if isinstance(action.choices, dict):
                for name, inner in action.choices.items():
                    yield from walk(inner, [*path, name])

    yield from walk(build_parser(), [])


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_explains_itself(path: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*path, "--help"])
    assert left.value.code == 0
    assert "exit status" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line", ["", "nonsense", "job show x", "job show -1", "job list --limit 0"]
)
def test_usage_is_status_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == 2
    assert "usage: jobcenter" in capsys.readouterr().err


def test_an_interrupt_while_the_command_is_imported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["stale"]) == 130
    assert capsys.readouterr() == ("", "")


def interrupted(name: str) -> NoReturn:
    raise KeyboardInterrupt


def test_maestro_and_worker_run_on_the_leaner_loop_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert _leaner_loop() is None
    there = ModuleType("uvloop")
    there.new_event_loop = asyncio.new_event_loop  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, "uvloop", there)
    assert _leaner_loop() is asyncio.new_event_loop
