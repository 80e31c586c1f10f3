-- A job that has not ended stands at a task of its workflow, and the workflow's code is there.
select j.job_id, format('stands at task %s of workflow %s, which is not there', j.task_id, j.workflow_id) as detail
from jobcenter.jobs j
where j.state not in ('zombie', 'finished', 'error')
  and not exists (
      select from jobcenter.tasks t join jobcenter.modules m using (workflow_id)
      where t.workflow_id = j.workflow_id and t.task_id = j.task_id)
