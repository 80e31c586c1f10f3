"""Who comes in: passwords of all kinds, certificates over TLS, tokens shown with a job; and for whom they act then."""

from __future__ import annotations

import asyncio
import io
import os
import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import trustme
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobcenter import AsyncClient, Client
from jobcenter.api import auth, config
from jobcenter.api.auth import Passwords, Peer
from jobcenter.api.config import Config, Listen, Tls
from jobcenter.api.server import Api
from jobcenter.api.tokens import SCOPES, Tokens, new_token
from jobcenter.cli import main
from jobcenter.errors import UsageError
from jobcenter.settings import Settings, SettingsError
from tests.api.conftest import PASSWORDS, Place, Wire, moving, town, wire

NO = [False, "you're not welcome!"]


@pytest.mark.parametrize("who", PASSWORDS)
def test_passwords_of_all_kinds(password_file: Path, who: str) -> None:
    passwords, peer = Passwords(password_file), Peer("here")
    right = PASSWORDS[who][0]
    for token, verified in ((right, True), ("", False), (right + "x", False), ("\ud800", False)):
        assert passwords.verify(who, token, peer) is verified
        assert passwords.verify(who, token, peer) is verified  # as remembered


def test_a_password_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "passwd"
    passwords, peer = Passwords(file), Peer("here")
    file.write_text(f"a:{auth.hash_password('one')}\n")
    assert passwords.verify("a", "one", peer)
    file.write_text(f"a:{auth.hash_password('two')}\nb:nonsense\nc:$6$nonsense\nd:$9$x$y\n")
    os.utime(file, ns=(1, 1))
    assert not passwords.verify("a", "one", peer)
    assert passwords.verify("a", "two", peer)
    assert not any(passwords.verify(who, "two", peer) for who in "bcd#")
    file.unlink()
    with pytest.raises(OSError, match="passwd"):
        passwords.verify("a", "two", peer)


def test_without_its_file_nobody_comes_in(place: Place) -> None:
    gone = place.with_config(password_file=place.folder / "gone")

    async def run() -> None:
        async with Api(gone.dsn, gone.config) as api, wire(api) as peer:
            token = PASSWORDS["theCustomer"][0]
            answer = await peer.result("hello", who="theCustomer", method="password", token=token)
            assert answer == NO

    asyncio.run(run())


class Authority:
    """A certificate authority, the API's own certificate, and some for clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.ca.cert_pem.write_to_path(folder / "ca.crt")
        server = self.ca.issue_cert("127.0.0.1", "localhost")
        server.private_key_pem.write_to_path(folder / "api.pem")
        for position, blob in enumerate(server.cert_chain_pems):
            blob.write_to_path(folder / "api.crt", append=position > 0)
        (folder / "certificates").write_text("machine one:theEmployee,theVeteran\nother:theBoss\n")

    @property
    def tls(self) -> Tls:
        return Tls(self.folder / "api.crt", self.folder / "api.pem", self.folder / "ca.crt")

    def client(self, common_name: str | None, ca: trustme.CA | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        self.ca.configure_trust(context)
        if common_name is not None:
            certificate = (ca or self.ca).issue_cert("client@here", common_name=common_name)
            certificate.configure_cert(context)
        return context


@asynccontextmanager
async def tls_wire(api: Api, context: ssl.SSLContext) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection(
        *api.addresses[0], ssl=context, server_hostname="localhost"
    )
    peer = Wire(reader, writer)
    try:
        assert (await peer.read() or {}).get("method") == "greetings"
        yield peer
    finally:
        await peer.close()


def certified(place: Place, authority: Authority, *methods: str) -> Place:
    listen = Listen("127.0.0.1", 0, methods, authority.tls)
    return place.with_config(listen=(listen,), certificate_file=authority.folder / "certificates")


def test_a_certificate_stands_for_the_names_that_its_owner_has(place: Place) -> None:
    authority = Authority(place.folder)
    there = certified(place, authority, "clientcert")

    async def hello(api: Api, common_name: str, who: str, method: str = "clientcert") -> object:
        async with tls_wire(api, authority.client(common_name)) as peer:
            return await peer.result("hello", who=who, method=method, token="none")

    async def run() -> None:
        async with Api(there.dsn, there.config) as api:
            welcome = [True, "welcome to the clientapi theEmployee!"]
            assert await hello(api, "machine one", "theEmployee") == welcome
            assert await hello(api, "machine one", "theBoss") == NO
            assert await hello(api, "other", "theBoss") != NO
            assert await hello(api, "nobody", "theBoss") == NO
            # Passwords do not count at this door.
            assert await hello(api, "machine one", "theCustomer", "password") == NO

    asyncio.run(run())


def test_without_a_good_certificate_there_is_no_greeting(place: Place) -> None:
    authority = Authority(place.folder)
    there = certified(place, authority, "clientcert")

    async def run() -> None:
        async with Api(there.dsn, there.config) as api:
            for context in (authority.client(None), authority.client("machine one", trustme.CA())):
                with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
                    async with tls_wire(api, context):
                        pass
            async with tls_wire(api, authority.client("machine one")) as peer:
                assert await peer.call("ping") == {"result": "pong?"}

    asyncio.run(run())


def test_passwords_over_tls(place: Place) -> None:
    authority = Authority(place.folder)
    listen = Listen("127.0.0.1", 0, ("password",), replace(authority.tls, client_ca=None))
    there = place.with_config(listen=(listen,))

    async def run() -> None:
        anybody = authority.client(None)
        async with Api(there.dsn, there.config) as api, tls_wire(api, anybody) as peer:
            token = PASSWORDS["theBoss"][0]
            welcome = await peer.result("hello", who="theBoss", method="password", token=token)
            assert welcome == [True, "welcome to the clientapi theBoss!"]

    asyncio.run(run())


def test_the_python_clients_over_tls(place: Place) -> None:
    """With a password, and with a certificate of one's own."""
    authority = Authority(place.folder)
    there = certified(place, authority, "password", "clientcert")
    password = PASSWORDS["theBoss"][0]

    def ask(address: str, token: str | None) -> list[int]:
        with Client(address, who="theBoss", token=token, tls=authority.client("other")) as jc:
            return jc.find_jobs({})

    async def run() -> None:
        async with Api(there.dsn, there.config) as api:
            address = f"tls://localhost:{api.addresses[0][1]}"
            for token in (password, None):
                tls = authority.client("other")
                async with AsyncClient(address, who="theBoss", token=token, tls=tls) as jc:
                    assert await jc.find_jobs({}) == []
                assert await asyncio.to_thread(ask, address, token) == []

    asyncio.run(run())


def test_http_over_tls(place: Place) -> None:
    authority = Authority(place.folder)
    listen = Listen("127.0.0.1", 0, tls=replace(authority.tls, client_ca=None))
    tokens = place.folder / "tokens"
    tokens.write_text("")
    there = place.with_config(http=(listen,), token_file=tokens)

    async def run() -> None:
        async with Api(there.dsn, there.config) as api:
            url = f"https://localhost:{api.http_addresses[0][1]}/v1/health"
            async with httpx.AsyncClient(verify=authority.client(None)) as http:
                assert (await http.get(url)).json() == {"database": "there"}

    asyncio.run(run())


def test_who_may_create_what(place: Place) -> None:
    """The database's roles decide, for the role that the peer is."""

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theBoss") as boss,
            wire(api, "theStranger") as stranger,
        ):
            job, _ = await boss.result("create_job", wfname="forbidden", inargs={})
            done = await boss.read()
            assert done is not None
            assert done["params"] == {"job_id": job, "outargs": {"done": True}}
            made, text = await stranger.result("create_job", wfname="calltest", inargs={"input": 1})
            assert made is None
            assert text.endswith("may not act for theStranger")
            welcome, text = await stranger.result("announce", actionname="add")
            assert not welcome
            assert text.endswith("may not act for theStranger")

    asyncio.run(run())


def test_two_group_roles_are_all_that_the_api_needs(place: Place) -> None:
    """Its login owns nothing, and is a member of jc_client and jc_worker."""
    name = f"test_api_{uuid.uuid4().hex[:12]}"
    role = sql.Identifier(name)
    place.connection.execute(
        sql.SQL("create role {} login in role jc_client, jc_worker").format(role)
    )
    place.connection.execute(
        "insert into jobcenter.jc_impersonate_roles select %s, rolename from jobcenter.jc_roles",
        [name],
    )

    async def run() -> None:
        async with (
            moving(place.dsn),
            Api(make_conninfo(place.dsn, user=name), place.config) as api,
            wire(api, "theCustomer") as client,
            wire(api, "theEmployee") as worker,
        ):
            assert await worker.result("announce", actionname="add") == [True, "success"]
            job, _ = await client.result("create_job", wfname="calltest", inargs={"input": 1})
            ready = await worker.read() or {}
            _, cookie, *_ = await worker.result("get_task", **ready["params"])
            await worker.result("task_done", cookie=cookie, outargs={"counter": 2})
            done = await client.read() or {}
            assert done["params"] == {"job_id": job, "outargs": {"output": 2}}
            assert await worker.result("withdraw", actionname="add") == 1
            assert await client.result("find_jobs", filter='{"input": 1}') == [str(job)]
            assert (
                await client.result("check_if_lock_exists", locktype="foo", lockvalue="x") is False
            )

    asyncio.run(run())
    place.connection.execute(sql.SQL("drop role {}").format(role))


def test_a_door_may_ask_for_a_token_with_each_job(place: Place) -> None:
    token, line = new_token("shop", "theShop", "client")
    viewer, other_line = new_token("looker", "theShop", "viewer")
    file = place.folder / "tokens"
    file.write_text(f"{line}\n{other_line}\n")
    there = place.with_config(listen=(Listen("127.0.0.1", 0, request_auth=file),))

    async def run() -> None:
        async with town(there) as api, wire(api, "theCustomer") as peer:
            order = {"wfname": "sleeptest", "inargs": {"in": "x"}}
            for wrong in (None, {}, {"token": "x"}, {"token": viewer}, {"token": token + "0"}):
                refused = await peer.result("create_job", **order, reqauth=wrong)
                assert refused == [None, "ERROR:  request authentication failed"]
            job, error = await peer.result("create_job", **order, reqauth={"token": token})
            assert error is None
            row = there.connection.execute(
                "select environment -> 'authscope' from jobcenter.jobs where job_id = %s", [job]
            ).fetchone()
            scope = {"token": "shop", "who": "theShop", "scope": "client"}
            assert row == ({"authscope": scope},)

    asyncio.run(run())


def test_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    made = {scope: new_token(f"t-{scope}", "who", scope) for scope in SCOPES}
    file.write_text("".join(f"{line}\n" for _, line in made.values()) + "odd:line\n")
    tokens = Tokens(file)
    for place, (scope, (token, _)) in enumerate(made.items()):
        grant = tokens.grant(token)
        assert grant is not None
        assert (grant.name, grant.who, grant.scope) == (f"t-{scope}", "who", scope)
        assert [grant.allows(wanted) for wanted in SCOPES] == [n <= place for n in range(3)]
        assert tokens.grant(token[:-1]) is None
    assert tokens.grant("jct_odd_x") is None
    assert tokens.grant("") is None
    for name, who in (("a b", "who"), ("", "who"), ("a", "w:o"), ("a", "")):
        with pytest.raises(UsageError):
            new_token(name, who, "client")


def test_entries_are_made_by_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "api.passwd"
    for who, password in (("a", "one"), ("b", "two"), ("a", "three")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        assert main(["api-user", str(file), who]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    passwords, peer = Passwords(file), Peer("here")
    assert [passwords.verify("a", token, peer) for token in ("one", "three")] == [False, True]
    assert passwords.verify("b", "two", peer)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main(["api-user", str(file), "c"]) == 2
    assert main(["api-user", str(file), "c:d"]) == 2
    capsys.readouterr()

    tokens = tmp_path / "api.tokens"
    assert main(["api-token", str(tokens), "bot", "--who", "a", "--scope", "operator"]) == 0
    token = capsys.readouterr().out.strip()
    grant = Tokens(tokens).grant(token)
    assert grant is not None
    assert (grant.who, grant.scope) == ("a", "operator")
    assert token not in tokens.read_text()
    assert main(["api-token", str(tokens), "bot", "--who", "b"]) == 2


def read(folder: Path, section: dict[str, object]) -> Config:
    return config.read(Settings(folder, folder, api=section))


def test_the_configuration(tmp_path: Path) -> None:
    for name in ("p", "c", "t", "crt", "key", "ca"):
        (tmp_path / name).write_text("")
    only = read(tmp_path, {"password_file": "p"})
    assert only.listen == (Listen("127.0.0.1", 6522),)
    whole = read(
        tmp_path,
        {
            "password_file": "p",
            "certificate_file": "c",
            "token_file": "t",
            "grace": 3,
            "listen": [
                {"address": "0.0.0.0:7000", "request_auth": True},
                {
                    "address": "[::1]:7001",
                    "auth": ["clientcert", "password"],
                    "tls": {"certificate": "crt", "key": "key", "client_ca": "ca"},
                },
            ],
            "http": [{}],
        },
    )
    tls = Tls(tmp_path / "crt", tmp_path / "key", tmp_path / "ca")
    assert whole.listen == (
        Listen("0.0.0.0", 7000, request_auth=tmp_path / "t"),
        Listen("::1", 7001, ("clientcert", "password"), tls),
    )
    assert whole.http == (Listen("127.0.0.1", 6580),)
    assert whole.grace == 3


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "needs `password_file`"),
        ({"password_file": "gone"}, "there is no file"),
        ({"password_file": 1}, "must be the name of a file"),
        ({"nonsense": 1}, "unknown key `api.nonsense`"),
        ({"grace": -1}, "`api.grace` must be a number"),
        ({"grace": "x"}, "`api.grace` must be a number"),
        ({"listen": {}}, "must be a list of tables"),
        ({"listen": [{"port": 1}]}, "unknown key `api.listen.port`"),
        ({"listen": [{"address": "here"}]}, "must be HOST:PORT"),
        ({"listen": [{"auth": ["magic"]}]}, "must be a list of password and clientcert"),
        ({"listen": [{"auth": ["clientcert"]}]}, "needs `tls` with a `client_ca`"),
        ({"listen": [{"request_auth": True}]}, "needs `api.token_file`"),
        ({"listen": [{"request_auth": 1}]}, "must be true or false"),
        ({"listen": [{"tls": 1}]}, "must be a table"),
        ({"listen": [{"tls": {}}]}, "must have a `certificate` and a `key`"),
        ({"http": [{}]}, "needs `api.token_file`"),
    ],
)
def test_a_wrong_configuration_is_told_so(
    tmp_path: Path, section: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read(tmp_path, section)
