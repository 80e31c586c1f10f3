-- Maestro: what ended jobs still have: locks go to the next in the queue, subscriptions and their events are dropped. Expects guard_locks.
create or replace function jobcenter.leave(ended bigint[]) returns void
language plpgsql
as $$
declare
    lock record;
    dropped bigint[];
begin
    for lock in delete from jobcenter.locks l where l.job_id = any (ended) returning l.locktype, l.lockvalue loop
        perform jobcenter.pass_lock(lock.locktype, lock.lockvalue);
    end loop;
    delete from jobcenter.lock_waits w where w.job_id = any (ended);
    if exists (select from jobcenter.event_subscriptions s where s.job_id = any (ended)) then
        dropped := array(
            select distinct e.event_id from jobcenter.job_events e join jobcenter.event_subscriptions s using (subscription_id)
            where s.job_id = any (ended));
        delete from jobcenter.event_subscriptions s where s.job_id = any (ended);
        perform jobcenter.drop_events(dropped);
    end if;
end
$$;
