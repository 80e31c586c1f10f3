-- Maestro: locks that jobs ask for (an array of {job, type, value, inherit, try, timeout}). Answers the jobs that have theirs at once with {}, those that
-- cannot get it with an error; the others wait for their turn. Expects guard_locks.
create or replace function jobcenter.take_locks(wanted json) returns jsonb
language plpgsql
as $$
declare
    answers jsonb := '{}';
    want record;
    holder jobcenter.locks;
    answer jsonb;
    cycle text;
begin
    for want in
        select w.job, w.type, w.value, coalesce(w.inherit, false) as inherit, coalesce(w.try, false) as try, w.timeout
        from json_to_recordset(wanted) as w (job bigint, type text, value text, inherit boolean, try boolean, timeout text)
    loop
        select l.* into holder from jobcenter.locks l
        where l.locktype = want.type and l.lockvalue = want.value order by l.depth desc limit 1;
        answer := null;
        if holder.job_id = want.job then
            answer := '{}';
        elsif holder.job_id is null or jobcenter.may_borrow(want.job, holder) then
            insert into jobcenter.locktypes (locktype) values (want.type) on conflict do nothing;
            insert into jobcenter.locks (locktype, lockvalue, depth, job_id, inheritable)
            values (want.type, want.value, coalesce(holder.depth + 1, 0), want.job, want.inherit);
            answer := '{}';
        elsif want.try then
            answer := jobcenter.error_answer('lock', format('lock %s "%s" is taken by job %s', want.type, want.value, holder.job_id));
        elsif want.timeout is not null and jobcenter.seconds_or_interval(want.timeout) is null then
            answer := jobcenter.error_answer('normal', jobcenter.no_duration(want.timeout));
        else
            -- One after the other: of two jobs that begin to wait for each other, the second one sees the first one wait.
            perform pg_advisory_xact_lock(hashtext('jobcenter.lock_waits'));
            cycle := jobcenter.lock_cycle(want.job, want.type, want.value);
            if cycle is not null then
                answer := jobcenter.error_answer('lock', 'deadlock: ' || cycle);
            else
                insert into jobcenter.lock_waits (job_id, locktype, lockvalue, inheritable)
                values (want.job, want.type, want.value, want.inherit);
            end if;
        end if;
        if answer is not null then
            answers := answers || jsonb_build_object(want.job, answer);
        end if;
    end loop;
    return answers;
end
$$;
