-- The cycle that would be closed if this job waited for this lock, in words; null where there is none. A job waits for the holder of its
-- lock, or for its children.
create or replace function jobcenter.lock_cycle(job bigint, type text, value text) returns text
language sql stable
as $$
    with recursive wait (job_id, path, said) as (
        select h.job_id, array[h.job_id], format('job %s waits for lock %s "%s" of job %s', job, type, value, h.job_id)
        from (select l.job_id from jobcenter.locks l
              where l.locktype = type and l.lockvalue = value order by l.depth desc limit 1) h
        union all
        select n.job_id, w.path || n.job_id, w.said || n.said
        from wait w,
             lateral (select h.job_id, format(', which waits for lock %s "%s" of job %s', b.locktype, b.lockvalue, h.job_id) as said
                      from jobcenter.lock_waits b,
                           lateral (select l.job_id from jobcenter.locks l
                                    where l.locktype = b.locktype and l.lockvalue = b.lockvalue order by l.depth desc limit 1) h
                      where b.job_id = w.job_id
                      union all
                      select c.job_id, format(', which waits for its child %s', c.job_id)
                      from jobcenter.jobs p
                      join jobcenter.jobs c on c.parentjob_id = p.job_id and not c.detached and c.state in ('lockwait', 'childwait')
                      where p.job_id = w.job_id and p.state = 'childwait'
                      union all
                      select job, format(', which waits for its child %s', job)
                      from jobcenter.jobs p join jobcenter.jobs c on c.parentjob_id = p.job_id and not c.detached
                      where p.job_id = w.job_id and p.state = 'childwait' and c.job_id = job) n
        where w.job_id <> job and not n.job_id = any (w.path)
    )
    select w.said from wait w where w.job_id = job limit 1;
$$;
