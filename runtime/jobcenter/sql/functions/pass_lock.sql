-- A lock has been given up or given back: it goes to the first in the queue who may have it now. Gives that job; null where there is none.
create or replace function jobcenter.pass_lock(type text, value text) returns bigint
language plpgsql
as $$
declare
    holder jobcenter.locks;
    next record;
begin
    select l.* into holder from jobcenter.locks l where l.locktype = type and l.lockvalue = value order by l.depth desc limit 1;
    for next in
        select w.job_id, w.inheritable from jobcenter.lock_waits w
        where w.locktype = type and w.lockvalue = value order by w.position
    loop
        if holder.job_id is not null and not jobcenter.may_borrow(next.job_id, holder) then
            continue;
        end if;
        -- It may have been cancelled, or have waited long enough, meanwhile. Its place in the queue is taken first: who takes it out (leave_queues)
        -- is waited for here, and not whoever may have its row after that.
        perform from jobcenter.lock_waits w
        where w.job_id = next.job_id and w.locktype = type and w.lockvalue = value for update;
        if not found then
            continue;
        end if;
        update jobcenter.jobs j set state = 'done', out_args = '{}', timeout = null, task_completed = now()
        where j.job_id = next.job_id and j.state = 'lockwait';
        if found then
            delete from jobcenter.lock_waits w where w.job_id = next.job_id;
            insert into jobcenter.locks (locktype, lockvalue, depth, job_id, inheritable)
            values (type, value, coalesce(holder.depth + 1, 0), next.job_id, next.inheritable);
            perform pg_notify('jobtaskdone', '');
            return next.job_id;
        end if;
    end loop;
    return null;
end
$$;
