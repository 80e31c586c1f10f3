-- How long from now an action is tried again after a soft error, which was its failure number `failures`; null where it is not (see retry_delay).
create or replace function jobcenter.next_try(workflow_id integer, queue_id integer, failures integer, error jsonb) returns interval
language sql stable
as $$
    select jobcenter.retry_delay(coalesce(
        (select a.config -> 'retry' from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
         where c.workflow_id = next_try.workflow_id and c.queue_id = next_try.queue_id),
        error -> 'retry'), failures);
$$;
