-- The jobs that wait for each other in a circle, each with the circle in words. There are none: whoever would close one gets an error.
create or replace function jobcenter.deadlocks() returns table (o_job_id bigint, o_cycle text)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select w.job_id, c.cycle
    from jobcenter.lock_waits w, lateral jobcenter.lock_cycle(w.job_id, w.locktype, w.lockvalue) c (cycle)
    where c.cycle is not null;
$$;
