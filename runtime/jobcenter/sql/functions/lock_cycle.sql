-- The cycle that would be closed (or is) if this job waited for this lock, in words; null where there is none. A job waits for the holders of
-- its lock, or for its children. Goes from job to job, to each once. Who waits for a lock is told by lock_waits: the state of a job of this
-- batch is stored only when the effects have been.
create or replace function jobcenter.lock_cycle(job bigint, type text, value text) returns text
language plpgsql stable
as $$
declare
    seen bigint[] := '{}';
    jobs bigint[];
    said text[];
begin
    select array_agg(h.job_id), array_agg(format('job %s waits for lock %s "%s" of job %s', job, type, value, h.job_id)) into jobs, said
    from jobcenter.lock_holders(job, type, value) h (job_id);
    while jobs is not null loop
        if job = any (jobs) then
            return said[array_position(jobs, job)];
        end if;
        seen := seen || jobs;
        select array_agg(n.job_id), array_agg(n.said) into jobs, said
        from (select distinct on (e.job_id) e.job_id, f.said || ', which waits for ' || e.said as said
              from unnest(jobs, said) with ordinality f (job_id, said, place),
                   lateral (select h.job_id, format('lock %s "%s" of job %s', w.locktype, w.lockvalue, h.job_id) as said
                            from jobcenter.lock_waits w, jobcenter.lock_holders(w.job_id, w.locktype, w.lockvalue) h (job_id)
                            where w.job_id = f.job_id
                            union all
                            select c.job_id, format('its child %s', c.job_id)
                            from jobcenter.jobs p join jobcenter.jobs c on c.parentjob_id = p.job_id and not c.detached
                            where p.job_id = f.job_id and p.state = 'childwait'
                              and (c.state = 'childwait' or c.job_id = job
                                   or exists (select from jobcenter.lock_waits b where b.job_id = c.job_id))) e
              where e.job_id <> all (seen)
              order by e.job_id, f.place) n;
    end loop;
    return null;
end
$$;
