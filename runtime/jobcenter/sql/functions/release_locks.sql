-- Maestro: locks that jobs give up (an array of {job, type, value}); a borrowed one goes back to the lender. Answers a job that does not hold its
-- lock with an error. Expects guard_locks.
create or replace function jobcenter.release_locks(given json) returns jsonb
language plpgsql
as $$
declare
    answers jsonb := '{}';
    lock record;
begin
    for lock in select g.* from json_to_recordset(given) as g (job bigint, type text, value text) loop
        delete from jobcenter.locks l where l.locktype = lock.type and l.lockvalue = lock.value and l.job_id = lock.job;
        if found then
            perform jobcenter.pass_lock(lock.type, lock.value);
        else
            answers := answers || jsonb_build_object(lock.job, jobcenter.error_answer('lock', format(
                'this job does not hold lock %s "%s"', lock.type, lock.value)));
        end if;
    end loop;
    return answers;
end
$$;
