-- A task that is being done has a worker that is alive, or a time at which it is given up.
select j.job_id, case when j.cookie is null then 'is being done without a cookie: no answer would be taken'
                      when w.worker_id is null then format('its worker %s is not there', j.worker_id)
                      else format('its worker %s is gone since %s', w.name, w.stopped::timestamptz(0)) end as detail
from jobcenter.jobs j
left join jobcenter.workers w on w.worker_id = j.worker_id
where j.state = 'working' and (j.cookie is null or (w.worker_id is null or w.stopped is not null) and j.timeout is null)
  and j.task_started < now() - interval '1 minute'
