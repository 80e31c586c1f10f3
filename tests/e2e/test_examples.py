"""Every file in `examples/` as its users run it: `jcc run` from the text to the output, on a real database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jcc.cli import main
from jcc.project import open_project
from jcc.workspace import source
from tests.annotations import mismatches
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
MOVE = {"domain": "a.example", "authcode": "open sesame"}


def record(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address}


CASES: dict[str, list[tuple[object, object]]] = {
    "calltest.wf": [({"input": 123}, {"output": 126}), ({"input": 0.5}, {"output": 3.5})],
    "calltest_perl.wf": [({"input": 123}, {"output": 126})],
    "calltest_python.wf": [({"input": 123}, {"output": 126})],
    "whiletest.wf": [
        ({"input": 1}, {"output": 10}),
        ({"input": 9}, {"output": 10}),
        ({"input": 41}, {"output": 42}),
    ],
    "prov/prov.vhost_event.wf": [
        (
            {"zone": "example.com", "zoneid": 4, "vhost": "www.example.com"},
            {"result": True, "log": "www.example.com is known; 2 addresses set"},
        ),
        (
            {"zone": "example.com", "zoneid": 4, "vhost": "ftp.example.com"},
            {"result": True, "log": "ftp.example.com is known;"},
        ),
    ],
    "hosting/move_domain.wf": [
        (
            {**MOVE, "records": [record("www", "192.0.2.1"), record("ftp", "192.0.2.1")]},
            {"moved": True, "records": 2, "problems": []},
        ),
        (
            {**MOVE, "authcode": "?", "records": []},
            {"moved": False, "records": 0, "problems": ["wrong code"]},
        ),
        (
            {**MOVE, "records": [record("ftp", "here")]},
            {"moved": True, "records": 0, "problems": ["ftp.a.example: no address: here"]},
        ),
    ],
    "hosting/set_record.wf": [
        ({"domain": "b.example", **record("www", "192.0.2.1")}, {"changed": 1})
    ],
    "casetest.wf": [
        ({"input": "foo"}, {"counter": 11, "thing": "got foo"}),
        ({"input": "bar"}, {"counter": -1, "thing": "got bar or baz"}),
        ({"input": "baz"}, {"counter": -1, "thing": "got bar or baz"}),
        ({"input": "nix"}, {"counter": -1, "thing": "dunno what i got: nix"}),
    ],
}


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    captured = capfd.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize("name", CASES)
def test_an_example_gives_what_it_says(
    name: str,
    database: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a busy machine, it would say what the job waits for.
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 60)
    # Else the workers would say which of their actions are not there.
    assert run(capfd, "deploy", str((EXAMPLES / name).parent), "--dsn", database)[0] == 0
    for inputs, output in CASES[name]:
        status, out, err = run(
            capfd, "run", str(EXAMPLES / name), json.dumps(inputs), "--dsn", database
        )
        assert (status, json.loads(out), err) == (0, output, "")


def test_every_example_is_run() -> None:
    assert {file.relative_to(EXAMPLES).as_posix() for file in EXAMPLES.rglob("*.wf")} == set(CASES)


def test_the_examples_have_no_findings_but_those_they_tell_of() -> None:
    project = open_project([EXAMPLES])
    for path in project.named:
        found = tuple(project.wanted(path))
        assert mismatches(source(project.workspace, path), found) == []


def test_the_output_is_the_last_line_on_an_embedded_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOBCENTER_DSN", raising=False)
    for file in ("calltest.wf", "add.ac", "workers.py", "jobcenter.toml"):
        (tmp_path / file).write_text((EXAMPLES / file).read_text())
    # In a process of its own, which stops the embedded server at its end.
    done = subprocess.run(
        [Path(sys.executable).parent / "jcc", "run", "calltest.wf", '{"input": 123}'],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == '{"output": 126}\n'
    assert (tmp_path / ".jobcenter").is_dir()
