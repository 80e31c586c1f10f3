-- Whether the version of an action that a workflow is bound to is disabled.
create or replace function jobcenter.calls_disabled(workflow_id integer, queue_id integer) returns boolean
language sql stable
as $$
    select exists (
        select from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
        where c.workflow_id = calls_disabled.workflow_id and c.queue_id = calls_disabled.queue_id and a.disabled);
$$;
