-- Ends those of these waiting parents that were cancelled by force, once all their children have heard of it: nobody comes back for the
-- children of one that has ended. Expects abort_children, which sets the time to come back where it has not reached all.
create or replace function jobcenter.end_by_force(parents bigint[]) returns void
language plpgsql
as $$
declare
    forced bigint[];
begin
    with ended as (
        update jobcenter.jobs j set state = 'done', aborted = false, task_completed = now()
        where j.job_id = any (parents) and j.state = 'childwait' and j.timeout is null and j.out_args -> 'error' ->> 'class' = 'fatal'
        returning j.job_id
    )
    select array_agg(e.job_id) into forced from ended e;
    -- Those that have ended already would wait for ever to be reaped: it does not come back for them.
    update jobcenter.jobs c set state = case when c.out_args ? 'error' then 'error' else 'finished' end::jobcenter.job_state
    where c.parentjob_id = any (forced) and c.state = 'zombie' and not c.detached;
end
$$;
