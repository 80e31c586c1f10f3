"""What is deployed, as the compiler asks for it: the signatures of the newest versions, and the JSON Schemas. Reads only.

The answer is JSON, and so a file of it (`jcc catalog`) is as good as the database. Which version of a name counts is what a new
workflow would be bound to without tags. Needs the role `jc_admin`, or the schema's owner.
"""

from __future__ import annotations

from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.rows import TupleRow

from jobcenter.errors import NoDatabase

Catalog: TypeAlias = dict[str, Any]

QUERY: LiteralString = """
with newest as (
    select distinct on (a.name) a.action_id, a.name, a.type, a.doc
    from jobcenter.actions a
    order by a.name, a.type = 'workflow',
             exists (select from jobcenter.action_version_tags t where t.action_id = a.action_id), a.version desc
), inputs as (
    select i.action_id, i.destination,
           json_agg(json_build_object('name', i.name, 'type', i.type, 'optional', i.optional, 'default', i."default")
                    order by i.position) as entries
    from jobcenter.action_inputs i group by 1, 2
), outputs as (
    select o.action_id,
           json_agg(json_build_object('name', o.name, 'type', o.type, 'optional', o.optional) order by o.position) as entries
    from jobcenter.action_outputs o group by 1
)
select json_build_object(
    'format', 1,
    'definitions', (
        select coalesce(json_agg(json_build_object(
            'kind', n.type, 'name', n.name, 'doc', n.doc, 'inputs', coalesce(i.entries, '[]'),
            'outputs', coalesce(o.entries, '[]'), 'environment', coalesce(e.entries, '[]')) order by n.name), '[]')
        from newest n
        left join inputs i on i.action_id = n.action_id and i.destination = 'arguments'
        left join inputs e on e.action_id = n.action_id and e.destination = 'environment'
        left join outputs o on o.action_id = n.action_id),
    'schemas', (
        select coalesce(json_object_agg(s.type, s.schema order by s.type), '{}')
        from jobcenter.json_schemas s where not s.base))
"""


def read(connection: psycopg.Connection[TupleRow]) -> Catalog:
    """The catalog of a database. Raises NoDatabase where it has none, or does not show it."""
    try:
        with connection.transaction():
            connection.execute("set transaction read only")
            row = connection.execute(QUERY).fetchone()
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip()
        raise NoDatabase(f"the database shows no deployed actions: {reason}") from error
    assert row is not None  # an aggregate has one row
    return dict(row[0])
