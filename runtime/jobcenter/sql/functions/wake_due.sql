-- Maestro: wakes up to `max_jobs` jobs whose time has come, the first due first, and those for which an event was left. Gives how many, and the
-- seconds until the next is due.
-- One that cannot be woken does not hold up the others: it stays due, and is tried again each second.
create or replace function jobcenter.wake_due(max_jobs integer, out woken integer, out due double precision)
language plpgsql security definer
set search_path = jobcenter, pg_catalog, pg_temp
set enable_seqscan = off  -- as in claim_jobs
set plan_cache_mode = force_generic_plan  -- else the planner makes a plan for each moment
as $$
declare
    moment timestamptz := clock_timestamp(); -- as a value: what changes while it is compared could not be looked up in an index
    ripe bigint[];
    left_alone boolean := false;
begin
    select array_agg(job_id) into ripe from (
        select job_id from jobs where timeout <= moment order by timeout limit max_jobs for update skip locked
    ) as due_jobs;
    woken := coalesce(cardinality(ripe), 0);
    if woken > 0 then
        begin
            perform jobcenter.wake_jobs(ripe);
        exception
            when transaction_rollback or insufficient_resources or operator_intervention or object_not_in_prerequisite_state
                or invalid_transaction_state or system_error then
                raise;
            when others then
                woken := jobcenter.wake_singly(ripe);
                left_alone := woken < cardinality(ripe);
        end;
    end if;
    begin
        woken := woken + jobcenter.wake_left(max_jobs);
    exception when data_exception or program_limit_exceeded then
        raise warning 'an event cannot be delivered: %', sqlerrm;
        left_alone := true;
    end;
    if woken > 0 then
        perform pg_notify('jobtaskdone', '');
    end if;
    select extract(epoch from min(timeout) - clock_timestamp()) into due from jobs where timeout is not null;
    if exists (select from events_left where job_id is not null) then
        due := 0;
    end if;
    if left_alone then
        due := greatest(due, 1);
    end if;
end
$$;
