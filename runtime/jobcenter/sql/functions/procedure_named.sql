-- The database's function that does a procedure, null where there is none: not one of the runtime's own.
create or replace function jobcenter.procedure_named(name text) returns regproc
language sql stable
as $$
    select f.oid::regproc from pg_catalog.pg_proc f
    where f.proname = procedure_named.name and f.pronargs = 1 and f.proargtypes[0] = 'jsonb'::regtype and f.prokind = 'f'
      and f.pronamespace in ('jobcenter'::regnamespace, 'public'::regnamespace)
      and not exists (select from jobcenter.applied_functions own where own.name = f.proname and f.pronamespace = 'jobcenter'::regnamespace)
    order by f.pronamespace = 'jobcenter'::regnamespace desc limit 1;
$$;
