-- A task that waits for a worker is of an action that its workflow calls, so a worker of that action would get it.
select j.job_id, coalesce(format('waits in queue %s, which its workflow does not use', j.queue_id), 'waits in no queue') as detail
from jobcenter.jobs j
where j.state in ('ready', 'working', 'retrywait') and not exists (
    select from jobcenter.callees c where c.workflow_id = j.workflow_id and c.queue_id = j.queue_id)
