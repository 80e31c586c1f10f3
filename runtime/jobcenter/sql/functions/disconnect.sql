-- A worker goes. Tasks of `retryable` actions that it still has are tried again by others; for the others it may still answer within
-- `worker_timeout`, then they fail. Errors: 42501 a worker of another role.
create or replace function jobcenter.disconnect(worker text) returns void
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    gone bigint;
begin
    update jobcenter.workers w set stopped = now() where w.worker_id = jobcenter.own_worker(worker) and w.stopped is null
    returning w.worker_id into gone;
    if found then
        perform jobcenter.lose_workers(array[gone], jobcenter.setting('worker_timeout')::interval);
    end if;
end
$$;
