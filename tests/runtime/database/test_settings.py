"""Which database is meant: the order of the sources, and jobcenter.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobcenter import database, settings
from jobcenter.errors import NoDatabase, UsageError
from jobcenter.settings import SettingsError


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(database.VARIABLE, raising=False)


def toml(folder: Path, text: str) -> Path:
    file = folder / "jobcenter.toml"
    file.write_text(text)
    return file


def test_found_upwards_from_a_file(tmp_path: Path) -> None:
    toml(tmp_path, 'workers = ["workers:worker"]\n')
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.wf").write_text("")
    found = settings.find(deep / "x.wf")
    assert found == settings.Settings(tmp_path, tmp_path / ".jobcenter", None, ("workers:worker",))
    assert found.postgres == tmp_path / ".jobcenter" / "postgres"


def test_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.find() == settings.Settings(tmp_path, tmp_path / ".jobcenter")


def test_data_is_beside_the_file(tmp_path: Path) -> None:
    toml(tmp_path, 'data = "state"\n')
    assert settings.find(tmp_path).data == tmp_path / "state"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dsn = 1", "`dsn` must be a string"),
        ("workers = 'x'", "`workers` must be a list of strings"),
        ("worker = []", "unknown key `worker` \\(known are `api`, `data`, `dsn`, `workers`\\)"),
        ("dsn = ", "jobcenter.toml: "),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, text: str, message: str) -> None:
    toml(tmp_path, text)
    with pytest.raises(SettingsError, match=message):
        settings.find(tmp_path)


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.choose(start=tmp_path).folder == tmp_path / ".jobcenter" / "postgres"
    toml(tmp_path, 'dsn = "host=from_toml"\n')
    assert database.choose(start=tmp_path).dsn == "host=from_toml"
    monkeypatch.setenv(database.VARIABLE, "host=from_variable")
    assert database.choose(start=tmp_path).dsn == "host=from_variable"
    assert database.choose("host=named", tmp_path).dsn == "host=named"


def test_told_to_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = database.choose(start=tmp_path).describe()
    assert told.startswith("postgresql://postgres@/postgres?host=")
    assert f"(embedded, in {tmp_path / '.jobcenter' / 'postgres'})" in told
    monkeypatch.setenv(database.VARIABLE, "host=h user=u password=s3cret")
    told = database.choose().describe()
    assert "s3cret" not in told
    assert "host=h" in told
    assert "$JOBCENTER_DSN" in told
    assert database.without_password("not a dsn") == "a DSN that cannot be read"


def test_connecting(database: str) -> None:
    from jobcenter.database import connect

    with connect(database) as connection:
        assert connection.autocommit
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("dsn", ["host=/nowhere", "host=127.0.0.1 port=1", "nonsense"])
def test_no_database(dsn: str) -> None:
    with pytest.raises(NoDatabase, match=r"^no database: "):
        database.connect(dsn)


@pytest.mark.parametrize("address", ["tcp://api.example:6522", "tls://me:s3cret@api.example:6522"])
def test_a_network_api_is_no_database(address: str) -> None:
    for reach in (database.connect, database.resolve):
        with pytest.raises(UsageError) as refused:
            reach(address)
        assert str(refused.value) == (
            "this needs the database itself; api.example:6522 (named by the caller) is a network API"
        )


def test_a_dsn_that_cannot_be_read_is_told_at_once() -> None:
    with pytest.raises(NoDatabase, match=r"^no database: "):
        database.resolve("nonsense")
