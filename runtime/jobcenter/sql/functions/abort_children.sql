-- Maestro: aborts the children that these waiting parents still have, and theirs. A job that waits for something else is woken with
-- an error of class abort. One that is on its way, or has a recorded answer, keeps it and is told at its next wait (`aborted`); so is
-- one that waits for children of its own, once they have ended. A job that is locked by another Maestro, or gets a lock from one, is left for a second: to wait for
-- its lock could be to wait for each other. Then, `again`, those that have heard of it are left alone: they may be tidying up.
create or replace function jobcenter.abort_children(parents bigint[], again boolean default false) returns void
language plpgsql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    found bigint[];
    held bigint[];
begin
    with recursive tree (job_id) as (
        select c.job_id from jobs c
        where c.parentjob_id = any (parents) and not c.detached and c.state not in ('zombie', 'finished', 'error')
        union all
        select c.job_id from jobs c join tree on c.parentjob_id = tree.job_id
        where not c.detached and c.state not in ('zombie', 'finished', 'error')
    )
    select array_agg(t.job_id) into found from tree t
    where not again or not exists (
        select from jobs j where j.job_id = t.job_id
        and (j.aborted or j.state in ('done', 'plotting') and jobcenter.is_abort((j.out_args -> 'error')::json))
        union all
        select from job_task_log l where l.job_id = t.job_id and jobcenter.is_abort(l.task_error));
    if found is null then
        return;
    end if;
    held := jobcenter.leave_queues(array(select job_id from jobs where job_id = any (found) for update skip locked));
    update jobs set
        aborted = state in ('childwait', 'done', 'plotting'),
        out_args = case when state in ('childwait', 'done', 'plotting') then out_args
                   else jobcenter.error_answer('abort', 'the job was aborted: another child of its parent failed') end,
        cookie = case when state in ('ready', 'working', 'retrywait') then null else cookie end,
        timeout = case when state in ('childwait', 'done', 'plotting') then timeout end,
        task_completed = case when state in ('childwait', 'done', 'plotting') then task_completed else now() end,
        state = case when state in ('childwait', 'done', 'plotting') then state else 'done' end
    where job_id = any (held) and state not in ('zombie', 'finished', 'error');
    perform pg_notify('jobtaskdone', '');
    if cardinality(found) > cardinality(held) then
        update jobs set timeout = now() + '1 second' where job_id = any (parents) or job_id = any (held) and state = 'childwait';
        perform pg_notify('jobdue', '');
    end if;
end
$$;
