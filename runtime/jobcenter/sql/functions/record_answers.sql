-- Records answers of workers: outputs or errors, `outs` an array in step with `cookies`. Gives those that were recorded; the cookie
-- of the others is not good (any more). One guarded statement: nothing else can come between the look and the change. `o_retried` is the
-- queue of a task that had been tried before: there may be others, which are handed out one by one.
create or replace function jobcenter.record_answers(cookies text[], outs jsonb)
returns table (o_position bigint, o_workflow_id integer, o_task_id integer, o_job_id bigint, o_retried integer)
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    return query
    with answers as materialized (
        select a.position, jobcenter.job_of_cookie(a.cookie) as job_id, lower(a.cookie) as cookie,
               coalesce(nullif(a.out, 'null'), '{}') as out
        from rows from (unnest(cookies), jsonb_array_elements(outs)) with ordinality a (cookie, out, position)
        order by 2
    )
    update jobcenter.jobs j
    set state = 'done', out_args = jobcenter.checked_answer(c.action_id, a.out), timeout = null, task_completed = now()
    from answers a, jobcenter.callees c
    -- The state as a text, so that no partial index on it seems better than the primary key.
    where j.job_id = a.job_id and j.state::text = 'working' and j.cookie::text = a.cookie
      and c.workflow_id = j.workflow_id and c.queue_id = j.queue_id
    returning a.position, j.workflow_id, j.task_id, j.job_id, case when j.tries > 0 then j.queue_id end;
end
$$;
