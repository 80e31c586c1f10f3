-- Maestro: tells workers that jobs are ready: with the job's number where there are few, else "look in the table", once a queue.
create or replace function jobcenter.notify_ready(ready bigint[]) returns void
language sql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
select pg_notify('action:' || queue_id || ':ready',
                 case when cardinality(ready) <= 4 then '{"job_id": ' || job_id || '}' else '' end)
from (
    select j.queue_id, case when cardinality(ready) <= 4 then j.job_id end as job_id
    from jobcenter.jobs j where j.job_id = any (ready) group by 1, 2 order by 2
) as tell
$$;
