"""The SQL file of a build."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from jcc.backend.emit_rows import quoted, rows_sql
from jobcenter.artifact import Definition, from_json


def unquoted(literal: str) -> str:
    """A dollar-quoted literal as Postgres reads it: up to the first repetition of its tag."""
    tag = re.match(r"\$\w*\$", literal)
    assert tag is not None
    body, closing, rest = literal[tag.end() :].partition(tag[0])
    assert closing
    assert rest == ""
    return body


@given(st.one_of(st.text(), st.text("$json_ '\\")))
def test_quoting_is_undone_by_reading(text: str) -> None:
    assert unquoted(quoted(text)) == text


def test_the_definitions_are_deployed_in_order_in_one_transaction() -> None:
    definitions = [
        Definition("action", "add", "action add:\n", "add.ac", config={"x": "$json$ '\n"}),
        Definition("procedure", "proc", "procedure proc:\n", "proc.ac"),
    ]
    sql = rows_sql(definitions)
    assert sql.startswith("begin;\n")
    assert sql.endswith("commit;\n")
    literals = re.findall(r"select jobcenter\.deploy_definition\((\$.*)::json\);\n", sql)
    assert [from_json(unquoted(literal)) for literal in literals] == definitions
    assert all(json.loads(unquoted(literal))["format"] == 1 for literal in literals)
