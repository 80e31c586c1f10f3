-- Where jobs can go on, a Maestro is connected.
select j.job_id, format('can go on since %s, and no Maestro is there', coalesce(j.task_completed, j.task_entered)::timestamptz(0)) as detail
from jobcenter.jobs j
where j.state in ('done', 'plotting') and coalesce(j.task_completed, j.task_entered) < now() - interval '1 minute'
  and not exists (
      select from pg_catalog.pg_stat_activity where datname = current_database() and application_name = 'jobcenter maestro')
