-- Records answers of workers: outputs or errors, `outs` an array in step with `cookies`. Gives those that were recorded; the cookie
-- of the others is not good (any more). One guarded statement: nothing else can come between the look and the change. `o_retried` is the
-- queue of a task that had been tried before: there may be others, which are handed out one by one.
--
-- Answers and jobs are not joined: while the statistics say that there are few jobs, a join begins with all of them.
create or replace function jobcenter.record_answers(cookies text[], outs jsonb)
returns table (o_position bigint, o_workflow_id integer, o_task_id integer, o_job_id bigint, o_retried integer)
language plpgsql set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
    -- In step with `cookies`, null for what is none.
    ids bigint[];
    good uuid[];
begin
    select array_agg(c.job_id order by c.position), array_agg(case when c.job_id is not null then c.cookie::uuid end order by c.position)
    into ids, good
    from (select c.cookie, c.position, jobcenter.job_of_cookie(c.cookie) as job_id
          from unnest(cookies) with ordinality c (cookie, position)) c;
    return query
    update jobcenter.jobs j
    set state = 'done', timeout = null, task_completed = now(),
        out_args = jobcenter.checked_answer(
            (select c.action_id from jobcenter.callees c where c.workflow_id = j.workflow_id and c.queue_id = j.queue_id),
            coalesce(nullif(outs -> (array_position(good, j.cookie) - 1), 'null'), '{}'))
    -- The state as a text, so that no partial index on it seems better than the primary key.
    where j.job_id = any (ids) and j.state::text = 'working' and j.cookie = any (good)
    returning array_position(good, j.cookie)::bigint, j.workflow_id, j.task_id, j.job_id, case when j.tries > 0 then j.queue_id end;
end
$$;
