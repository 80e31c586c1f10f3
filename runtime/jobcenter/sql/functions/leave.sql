-- Maestro: what ended jobs still have: locks go to the next in the queue, subscriptions and their events are dropped. Expects guard_locks, and the settings of apply_results.
create or replace function jobcenter.leave(ended bigint[]) returns void
language plpgsql
as $$
declare
    lock record;
    dropped bigint[];
begin
    -- Most have none of these.
    if not (exists (select from jobcenter.locks l where l.job_id = any (ended))
            or exists (select from jobcenter.lock_waits w where w.job_id = any (ended))
            or exists (select from jobcenter.event_subscriptions s where s.job_id = any (ended))) then
        return;
    end if;
    for lock in delete from jobcenter.locks l where l.job_id = any (ended) returning l.locktype, l.lockvalue loop
        perform jobcenter.pass_lock(lock.locktype, lock.lockvalue);
    end loop;
    delete from jobcenter.lock_waits w where w.job_id = any (ended);
    dropped := array(
        select distinct e.event_id from jobcenter.job_events e join jobcenter.event_subscriptions s using (subscription_id)
        where s.job_id = any (ended));
    delete from jobcenter.event_subscriptions s where s.job_id = any (ended);
    if cardinality(dropped) > 0 then
        perform jobcenter.drop_events(dropped);
    end if;
end
$$;
