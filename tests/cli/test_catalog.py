"""The catalog: what is deployed counts where no file defines the name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jcc.catalog import CatalogError, parse
from jcc.cli import main
from jobcenter.artifact import Input, Output
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST

Run = Callable[..., tuple[int, str, str]]

CALLER = """workflow caller:
	out:
		sum	number
	wfomap:
		sum = v.sum
	do:
		call add:
			counter = {counter}
		into:
			sum = o.counter
"""


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(ARGUMENT…)` in a folder with caller.wf, which calls an action that no file defines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOBCENTER_DSN", raising=False)
    (tmp_path / "caller.wf").write_text(CALLER.format(counter="1"))

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out, captured.err

    return call


@pytest.fixture
def deployed(connection: Connection, database: str, tmp_path: Path) -> Connection:
    """A database with `add` and `calltest`, which the project names as its catalog."""
    deploy(connection, [replace(ADD, doc="Adds."), CALLTEST], schemas={"order": {"type": "object"}})
    (tmp_path / "jcc.toml").write_text(f"catalog = {json.dumps(database)}")
    return connection


def test_without_a_catalog_it_is_unknown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").touch()
    assert run("check", "caller.wf")[0] == 1


def test_what_is_deployed_is_known(run: Run, deployed: Connection, tmp_path: Path) -> None:
    assert run("check", "caller.wf") == (0, "no findings\n", "")
    (tmp_path / "caller.wf").write_text(CALLER.format(counter="'three'"))
    status, out, _ = run("check", "--format", "concise", "caller.wf")
    assert (status, "JCC30" in out) == (1, True)


def test_its_schemas_too(run: Run, deployed: Connection, tmp_path: Path) -> None:
    (tmp_path / "caller.wf").write_text(
        "workflow caller:\n\tin:\n\t\tx\torder\n\tdo:\n\t\tlet:\n\t\t\ty = a.x.z\n"
    )
    assert run("check", "--format", "concise", "caller.wf")[0] == 0


def test_a_file_comes_first(run: Run, deployed: Connection, tmp_path: Path) -> None:
    (tmp_path / "add.ac").write_text("action add:\n\tin:\n\t\tother\tnumber\n")
    status, out, _ = run("check", "--format", "concise", "caller.wf")
    assert (status, "`other`" in out) == (1, True)


def test_the_newest_version_counts(run: Run, deployed: Connection) -> None:
    older = replace(ADD, inputs=(Input("other", "number"),))
    deploy(deployed, [older])
    assert run("check", "caller.wf")[0] == 1
    deploy(deployed, [replace(older, inputs=ADD.inputs, outputs=(Output("counter", "number"),))])
    assert run("check", "caller.wf")[0] == 0


def test_a_file_of_it_needs_no_database(
    run: Run, deployed: Connection, database: str, tmp_path: Path
) -> None:
    status, out, err = run("catalog", "--dsn", database)
    assert (status, err) == (0, "")
    (tmp_path / "catalog.json").write_text(out)
    (tmp_path / "jcc.toml").write_text('catalog = "catalog.json"')
    deployed.execute("drop schema jobcenter cascade")
    assert run("check", "caller.wf") == (0, "no findings\n", "")


def test_deploys_and_builds_against_it(run: Run, deployed: Connection, database: str) -> None:
    assert run("build", "caller.wf")[0] == 0
    status, out, _ = run("deploy", "caller.wf", "--dsn", database)
    assert (status, out) == (0, "workflow caller: new, version 1\n")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("host=127.0.0.1 port=1", "no database"),
        ("no dsn at all", "no database"),
        ("gone.json", "no such file"),
        ("broken.json", "is no JSON"),
        ("other.json", "has no catalog as `jcc catalog` writes it"),
        ("embedded", "there is no embedded Postgres in"),
    ],
)
def test_one_warning_where_it_cannot_be_read(
    run: Run, tmp_path: Path, setting: str, said: str
) -> None:
    (tmp_path / "jcc.toml").write_text(f"catalog = {json.dumps(setting)}")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text("[]")
    status, out, err = run("check", "--format", "concise", "caller.wf")
    assert (status, "JCC201" in out) == (1, True)
    assert err.startswith("jcc: warning: the catalog is left out: ")
    assert said in err
    assert err.count("\n") == 1


def test_a_database_without_our_schema(run: Run, empty_database: str, tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text(f"catalog = {json.dumps(empty_database)}")
    _, _, err = run("check", "caller.wf")
    assert "shows no deployed actions" in err
    assert run("catalog", "--dsn", empty_database)[0] == 3


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"format": 2},
        {"format": 1, "definitions": [{}], "schemas": {}},
        {"format": 1, "definitions": [], "schemas": 3},
        {"format": 1, "definitions": [{"kind": "action", "name": 3}], "schemas": {}},
    ],
)
def test_what_is_no_catalog_is_told(wrong: object) -> None:
    with pytest.raises(CatalogError):
        parse(wrong, "x")
