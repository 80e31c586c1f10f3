-- No job that can go on is passed over: for more than a minute, while a Maestro takes up others behind it, or none at all.
with maestro as (
    select from pg_catalog.pg_stat_activity where datname = current_database() and application_name = 'jobcenter maestro'
), moved as (
    select max(j.job_id) as furthest from jobcenter.jobs j where j.stepcounter > 0 and j.task_entered > now() - interval '1 minute'
)
select j.job_id, format('can go on since %s', coalesce(j.task_completed, j.task_entered)::timestamptz(0)) as detail
from jobcenter.jobs j, moved m
where j.state in ('done', 'plotting') and coalesce(j.task_completed, j.task_entered) < now() - interval '1 minute'
  and (m.furthest is null or m.furthest > j.job_id) and exists (select from maestro)
