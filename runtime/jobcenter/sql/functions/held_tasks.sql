-- The tasks that a living worker has and does not know of (`known` are the cookies it knows), as get_tasks gave them: the answer of a
-- get_tasks may have been lost with a connection. Errors: 42501 a worker of another role.
create or replace function jobcenter.held_tasks(worker text, known text[])
returns table (o_action text, o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select a.name, j.job_id, j.cookie::text, coalesce(j.in_args, '{}'),
           jobcenter.worker_environment(bound.signature -> 'environment', j.environment,
               jsonb_build_object('job_id', j.job_id, 'workflow_id', j.workflow_id, 'task_id', j.task_id, 'tries', j.tries))
    from jobcenter.workers w
    join jobcenter.jobs j on j.worker_id = w.worker_id and j.state = 'working'
    join jobcenter.callees c on c.workflow_id = j.workflow_id and c.queue_id = j.queue_id
    join jobcenter.actions bound on bound.action_id = c.action_id
    join jobcenter.actions a on a.action_id = j.queue_id
    where w.name = held_tasks.worker and w.stopped is null and jobcenter.acting_role(w.rolename) is not null
      and j.cookie::text <> all (known)
    order by j.job_id;
$$;
