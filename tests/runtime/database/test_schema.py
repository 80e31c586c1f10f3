"""The schema that the migrations and functions make, as text: tests/golden/schema.txt. A change of it is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jobcenter.database import Connection

TABLES = "select oid, relname, relkind::text from pg_class where relnamespace = 'jobcenter'::regnamespace and relkind in ('r', 'p', 'v') and not relispartition order by relname"
COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' else '' end
       || case a.attidentity when 'a' then ' identity' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %s and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
CONSTRAINTS = """
select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s and contype <> 'n' order by contype, conname
"""
INDEXES = """
select pg_get_indexdef(indexrelid) from pg_index i where indrelid = %s
and not exists (select from pg_constraint c where c.conindid = i.indexrelid) order by 1
"""
GRANTS = """
select grantee, string_agg(lower(privilege_type), ', ' order by privilege_type)
from information_schema.role_table_grants where table_schema = 'jobcenter' and table_name = %s and grantee like 'jc\\_%%'
group by grantee order by grantee
"""
ENUMS = """
select t.typname, string_agg(e.enumlabel, ', ' order by e.enumsortorder)
from pg_type t join pg_enum e on e.enumtypid = t.oid where t.typnamespace = 'jobcenter'::regnamespace group by 1 order by 1
"""
FUNCTIONS = """
select p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
       (select string_agg(grantee::regrole::text, ', ' order by grantee::regrole::text)
        from aclexplode(p.proacl) where grantee <> p.proowner)
from pg_proc p where p.pronamespace = 'jobcenter'::regnamespace order by 1
"""


def describe(connection: Connection) -> Iterator[str]:
    for name, labels in connection.execute(ENUMS):
        yield f"enum {name}: {labels}"
    for oid, name, kind in connection.execute(TABLES).fetchall():
        yield ""
        yield f"{'view' if kind == 'v' else 'table'} {name}"
        for column, type_, more in connection.execute(COLUMNS, (oid,)):
            yield f"    {column} {type_}{more}"
        for query in (CONSTRAINTS, INDEXES):
            for (definition,) in connection.execute(query.encode(), (oid,)):
                yield f"  {definition}"
        for grantee, privileges in connection.execute(GRANTS, (name,)):
            yield f"  {grantee}: {privileges}"
    for name, arguments, result, roles in connection.execute(FUNCTIONS):
        yield ""
        yield f"function {name}"
        yield f"    ({arguments})"
        yield f"    -> {result}"
        yield f"  {'internal' if roles is None else f'for {roles}'}"


def test_schema(connection: Connection, golden: Callable[[str, str], None]) -> None:
    golden("schema.txt", "\n".join(describe(connection)) + "\n")
