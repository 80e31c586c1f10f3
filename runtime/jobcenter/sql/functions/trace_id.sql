-- The id of a job tree's trace where its creator has given none: the same for everybody who asks, and no other database's.
create or replace function jobcenter.trace_id(root_id bigint) returns text
language sql stable set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select md5(format('%s/%s', extract(epoch from m.applied), root_id)) from migrations m where m.version = 1;
$$;
