"""Deploying compiled definitions: versions, binding, tags, what is refused, what becomes stale."""

from __future__ import annotations

import dataclasses

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Definition, Input
from jobcenter.database import Connection
from jobcenter.deploy import Deployed, DeployError, deploy
from tests.artifacts import ADD, CALLTEST, caller, splitter
from tests.runtime.database.conftest import one


def versions(deployed: list[Deployed]) -> list[tuple[str, int, bool]]:
    return [(entry.name, entry.version, entry.new) for entry in deployed]


def changed(definition: Definition) -> Definition:
    return dataclasses.replace(definition, doc=definition.doc + "!")


def bound_version(connection: Connection, workflow: str) -> tuple[int, ...]:
    query = (
        "select a.version from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id"
        " join jobcenter.actions w on w.action_id = c.workflow_id where w.name = %s order by w.version desc limit 1"
    )
    return one(connection, query, workflow)


def test_only_what_has_changed_gets_a_version(connection: Connection) -> None:
    assert versions(deploy(connection, [ADD, CALLTEST])) == [
        ("add", 1, True),
        ("calltest", 1, True),
    ]
    again = deploy(connection, [ADD, changed(CALLTEST)])
    assert versions(again) == [("add", 1, False), ("calltest", 2, True)]
    assert versions(deploy(connection, [ADD], force=True)) == [("add", 2, True)]


def test_another_interpreter_makes_no_version(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST])
    module = CALLTEST.module
    assert module is not None
    elsewhere = dataclasses.replace(module, bytecode=b"other", magic=b"0000")
    moved = dataclasses.replace(CALLTEST, module=elsewhere, path="moved/calltest.wf")
    assert versions(deploy(connection, [moved])) == [("calltest", 1, False)]


def test_going_back_is_a_new_version(connection: Connection) -> None:
    deploy(connection, [ADD])
    deploy(connection, [changed(ADD)])
    assert versions(deploy(connection, [ADD])) == [("add", 3, True)]


def test_the_rows(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST])
    assert CALLTEST.module is not None
    (python, bytecode, program) = one(
        connection, "select python, bytecode, program from jobcenter.modules"
    )
    assert (python, bytecode) == (CALLTEST.module.python, CALLTEST.module.bytecode)
    assert program["start"] == 1
    tasks = connection.execute(
        "select task_id, kind, next_task_id, action_id from jobcenter.tasks order by task_id"
    ).fetchall()
    (add,) = one(connection, "select action_id from jobcenter.actions where name = 'add'")
    assert tasks == [(1, "start", 2, None), (2, "call", 3, add), (3, "end", None, None)]
    inputs = connection.execute(
        'select a.name, i.name, i.type, optional, "default" from jobcenter.action_inputs i'
        " join jobcenter.actions a using (action_id) order by action_id, position"
    ).fetchall()
    assert inputs == [
        ("add", "counter", "number", False, None),
        ("add", "step", "number", True, 1),
        ("calltest", "input", "number", False, None),
    ]


def test_unknown_callee(connection: Connection) -> None:
    with pytest.raises(
        DeployError, match="workflow calltest calls add, but no action of that name is deployed"
    ):
        deploy(connection, [CALLTEST])
    assert connection.execute("select count(*) from jobcenter.actions").fetchone() == (0,)


def test_workflows_that_call_each_other(connection: Connection) -> None:
    one_way, back = caller("ping", "pong", "workflow"), caller("pong", "ping", "workflow")
    deploy(connection, [one_way, back, splitter("both", "ping", "pong")])
    query = (
        "select w.name, c.name from jobcenter.callees c"
        " join jobcenter.actions w on w.action_id = c.workflow_id order by 1, 2"
    )
    rows = connection.execute(query).fetchall()
    assert rows == [("both", "ping"), ("both", "pong"), ("ping", "pong"), ("pong", "ping")]


def test_what_becomes_stale_is_told(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST])
    (deployed,) = deploy(connection, [changed(ADD)])
    assert deployed.stale == ("calltest",)
    assert bound_version(connection, "calltest") == (1,)
    stale = connection.execute("select * from jobcenter.get_stale_actions()").fetchall()
    assert stale == [("calltest", 1, "add", 1, 2)]
    deploy(connection, [CALLTEST], force=True)
    assert bound_version(connection, "calltest") == (2,)
    assert connection.execute("select * from jobcenter.get_stale_actions()").fetchall() == []


def test_dry_run_leaves_nothing(connection: Connection) -> None:
    assert versions(deploy(connection, [ADD, CALLTEST], dry_run=True)) == [
        ("add", 1, True),
        ("calltest", 1, True),
    ]
    assert connection.execute("select count(*) from jobcenter.actions").fetchone() == (0,)


class TestTags:
    def create(self, connection: Connection, tag: str | None) -> int:
        """The version that create_job takes."""
        connection.execute("select jobcenter.create_job('calltest', '{\"input\": 1}', %s)", (tag,))
        (version,) = one(
            connection,
            "select a.version from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.workflow_id"
            " order by j.job_id desc limit 1",
        )
        return int(version)

    def test_a_tagged_version_is_for_those_who_ask(self, connection: Connection) -> None:
        deploy(connection, [ADD, CALLTEST])
        deploy(connection, [changed(CALLTEST)], tags=["test"])
        assert self.create(connection, None) == 1
        assert self.create(connection, "test") == 2
        assert self.create(connection, "other:test") == 2
        assert self.create(connection, "other") == 1

    def test_a_tag_stands_for_the_newest_that_has_it(self, connection: Connection) -> None:
        deploy(connection, [ADD, CALLTEST], tags=["stable"])
        deploy(connection, [changed(CALLTEST)])
        assert self.create(connection, "stable") == 1
        deploy(connection, [changed(CALLTEST)], tags=["stable"])
        assert self.create(connection, "stable") == 3
        assert self.create(connection, None) == 2

    def test_a_version_that_has_lost_its_tag_to_a_newer_one_is_not_for_all(
        self, connection: Connection
    ) -> None:
        deploy(connection, [ADD, CALLTEST])
        first, second = changed(CALLTEST), changed(changed(CALLTEST))
        for definition in (first, second):
            deploy(connection, [definition], tags=["test"])
        assert self.create(connection, "test") == 3
        assert self.create(connection, None) == 1

    def test_what_was_for_all_stays_so_when_it_gets_a_tag(self, connection: Connection) -> None:
        deploy(connection, [ADD, CALLTEST])
        deploy(connection, [ADD, changed(CALLTEST)])
        assert versions(deploy(connection, [ADD, changed(CALLTEST)], tags=["test"])) == [
            ("add", 2, True),
            ("calltest", 3, True),
        ]
        assert self.create(connection, None) == 2

    def test_what_was_tried_with_a_tag_is_for_all_once_it_is_deployed_without(
        self, connection: Connection
    ) -> None:
        deploy(connection, [ADD, CALLTEST])
        deploy(connection, [changed(CALLTEST)], tags=["test"])
        (deployed,) = deploy(connection, [changed(CALLTEST)])
        assert (deployed.new, self.create(connection, None)) == (True, deployed.version)

    def test_nothing_new_where_nothing_has_changed_for_the_tag(
        self, connection: Connection
    ) -> None:
        deploy(connection, [ADD])
        deploy(connection, [changed(ADD)], tags=["test", "test"])
        assert versions(deploy(connection, [ADD])) == [("add", 1, False)]
        assert versions(deploy(connection, [changed(ADD)], tags=["test"])) == [("add", 2, False)]
        assert versions(deploy(connection, [changed(ADD)], tags=["beta"])) == [("add", 2, False)]
        assert one(connection, "select jobcenter.tags_of(2)") == ("beta:test",)

    def test_callees_by_tag(self, connection: Connection) -> None:
        deploy(connection, [ADD])
        deploy(connection, [changed(ADD)], tags=["test"])
        deploy(connection, [CALLTEST])
        assert bound_version(connection, "calltest") == (1,)
        deploy(connection, [CALLTEST], tags=["test"], force=True)
        assert bound_version(connection, "calltest") == (2,)
        assert connection.execute("select * from jobcenter.get_stale_actions()").fetchall() == []


def test_a_procedure_without_its_function_is_told_of(connection: Connection) -> None:
    procedure = Definition(kind="procedure", name="half", source="", path="half.ac")
    (deployed,) = deploy(connection, [procedure])
    assert (deployed.new, deployed.there) == (True, False)
    connection.execute(
        "create function public.half(args jsonb) returns jsonb language sql as 'select args'"
    )
    (deployed,) = deploy(connection, [procedure])
    assert (deployed.new, deployed.there) == (False, True)


def test_json_schemas(connection: Connection) -> None:
    workflow = dataclasses.replace(CALLTEST, inputs=(Input("order", "order[]?"),))
    with pytest.raises(
        DeployError,
        match='workflow calltest: "order" has type order, and no JSON schema has that name',
    ):
        deploy(connection, [ADD, workflow])
    deploy(connection, [ADD, workflow], schemas={"order": {"type": "object", "required": ["no"]}})
    query = "select jobcenter.create_job('calltest', %s)"
    connection.execute(query, (Jsonb({"order": [{"no": 1}]}),))
    with pytest.raises(psycopg.DatabaseError, match=r'input argument "order" lacks "no" at \[0\]'):
        connection.execute(query, (Jsonb({"order": [{}]}),))
    with pytest.raises(DeployError, match="number is a base type"):
        deploy(connection, [], schemas={"number": {}})


def test_workflow_info(connection: Connection) -> None:
    deploy(connection, [ADD, dataclasses.replace(CALLTEST, roles=("staff",), doc="Adds.")])
    (info,) = one(connection, "select jobcenter.get_workflow_info('calltest')")
    assert (info["version"], info["doc"], info["roles"]) == (1, "Adds.", ["staff"])
    assert info["inputs"] == [
        {"name": "input", "type": "number", "optional": False, "default": None}
    ]
    assert info["outputs"] == [{"name": "output", "type": "number", "optional": False}]
    with pytest.raises(psycopg.DatabaseError, match="no workflow named nosuch"):
        connection.execute("select jobcenter.get_workflow_info('nosuch')")


def test_what_the_database_cannot_store(connection: Connection) -> None:
    workflow = dataclasses.replace(CALLTEST, wfenv={"nul": "\0"})
    with pytest.raises(DeployError, match="unsupported Unicode escape sequence"):
        deploy(connection, [ADD, workflow])


def test_replace_moves_the_callers_to_the_new_version(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST])
    (deployed,) = deploy(connection, [changed(ADD)], replace=True)
    assert deployed.stale == ()
    assert bound_version(connection, "calltest") == (2,)
    query = "select distinct a.version from jobcenter.tasks t join jobcenter.actions a using (action_id)"
    assert one(connection, query) == (2,)


def test_replace_moves_the_callers_also_when_it_comes_later(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST])
    (deployed,) = deploy(connection, [changed(ADD)])
    assert deployed.stale == ("calltest",)
    (deployed,) = deploy(connection, [changed(ADD)], replace=True)
    assert (deployed.new, deployed.stale) == (False, ())
    assert bound_version(connection, "calltest") == (2,)


def test_replace_leaves_alone_what_is_bound_by_a_tag(connection: Connection) -> None:
    deploy(connection, [ADD, CALLTEST], tags=["stable"])
    deploy(connection, [changed(ADD)], replace=True)
    assert bound_version(connection, "calltest") == (1,)
