-- A worker is alive. False where it is not known (any more), or is of a role that the caller may not act for: it then has to announce its actions again.
create or replace function jobcenter.ping(worker_id bigint) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    update jobcenter.workers w set last_ping = now()
    where w.worker_id = ping.worker_id and w.stopped is null and jobcenter.may_steer_workers_of(w.rolename);
    return found;
end
$$;
