-- Maestro: what was left to be done with events is done, for up to `max_jobs` jobs whose rows are free now. Gives how many were woken.
create or replace function jobcenter.wake_left(max_jobs integer) returns integer
language plpgsql set enable_seqscan = off set enable_hashjoin = off
as $$
declare
    looked bigint[];
    missed bigint[];
    locked bigint[];
begin
    if not exists (select from jobcenter.events_left) then
        return 0;
    end if;
    -- To be looked at once more, or for jobs that have been archived meanwhile.
    with free as (
        select l.ctid from jobcenter.events_left l
        where l.job_id is null or not exists (select from jobcenter.jobs j where j.job_id = l.job_id)
        for update skip locked
    ), taken as (
        delete from jobcenter.events_left l using free f where l.ctid = f.ctid returning l.event_id, l.job_id
    )
    select array_agg(t.event_id) filter (where t.job_id is null), array_agg(t.event_id) filter (where t.job_id is not null)
    into looked, missed from taken t;
    perform jobcenter.drop_unkept(looked);
    perform jobcenter.drop_events(missed);
    locked := array(
        select j.job_id from jobcenter.jobs j
        where j.job_id in (select l.job_id from jobcenter.events_left l where l.job_id is not null limit max_jobs)
        for update skip locked);
    if cardinality(locked) > 0 then
        -- A Maestro that looks for jobs meanwhile passes them over.
        perform pg_notify('jobtaskdone', '');
    end if;
    return jobcenter.deliver_left(locked);
end
$$;
