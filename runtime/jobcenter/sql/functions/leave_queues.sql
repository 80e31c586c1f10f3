-- Takes jobs whose rows are locked out of the queues of locks that they are in. Gives those that are in none now: all but such as a lock is just
-- being handed to, who are to be left alone.
create or replace function jobcenter.leave_queues(locked bigint[]) returns bigint[]
language plpgsql
as $$
begin
    delete from jobcenter.lock_waits w where w.job_id in (
        select l.job_id from jobcenter.lock_waits l where l.job_id = any (locked) for update skip locked);
    return array(
        select j.job_id from unnest(locked) j (job_id)
        where not exists (select from jobcenter.lock_waits w where w.job_id = j.job_id));
end
$$;
