-- Maestro: what is to be done every few seconds, by whichever Maestro comes first: workers that have not pinged for too long are lost. With
-- `keep_archive` after it, in a transaction of its own.
create or replace function jobcenter.keep_house() returns void
language plpgsql security definer
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    lost bigint[];
begin
    if not pg_try_advisory_xact_lock(hashtext('jobcenter.keep_house')) then
        return;
    end if;
    -- In the order of `disconnect_silent`.
    lost := array(
        select worker_id from workers
        where stopped is null and last_ping < now() - setting('worker_timeout')::interval
        order by worker_id for no key update);
    update workers set stopped = now() where worker_id = any (lost);
    -- Tasks of a worker whose row is gone, and such as it took while it was being given up.
    lost := lost || array(
        select distinct j.worker_id from jobs j left join workers w using (worker_id)
        where j.state = 'working' and (w.worker_id is null or w.stopped is not null and j.timeout is null));
    if cardinality(lost) > 0 then
        perform jobcenter.lose_workers(lost, interval '0');
    end if;
end
$$;
