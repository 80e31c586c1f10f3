-- Records answers of workers: outputs or errors, `outs` an array in step with `cookies`. Gives the places of those that were recorded, from 1, and
-- tells the Maestros; the cookie of the others is not good (any more). One guarded statement: nothing else can come between the look and the
-- change.
--
-- Answers and jobs are not joined: while the statistics say that there are few jobs, a join begins with all of them.
create or replace function jobcenter.record_answers(cookies text[], outs jsonb) returns bigint[]
language plpgsql set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
    -- In step with `cookies`, null for what is none.
    ids bigint[] := '{}';
    good uuid[] := '{}';
    recorded record;
begin
    for place in 1 .. coalesce(cardinality(cookies), 0) loop
        ids[place] := jobcenter.job_of_cookie(cookies[place]);
        good[place] := case when ids[place] is not null then cookies[place]::uuid end;
    end loop;
    with answered as (
        update jobcenter.jobs j
        set state = 'done', timeout = null, task_completed = now(),
            out_args = jobcenter.checked_answer(
                (select a.signature -> 'outputs' from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
                 where c.workflow_id = j.workflow_id and c.queue_id = j.queue_id),
                coalesce(nullif(outs -> (array_position(good, j.cookie) - 1), 'null'), '{}'))
        -- The state as a text, so that no partial index on it seems better than the primary key.
        where j.job_id = any (ids) and j.state::text = 'working' and j.cookie = any (good)
        returning array_position(good, j.cookie)::bigint as place, j.workflow_id, j.task_id, j.job_id, j.tries, j.queue_id
    )
    select coalesce(array_agg(a.place), '{}') as places, min(format('(%s,%s,%s)', a.workflow_id, a.task_id, a.job_id)) as first,
           -- Of a task that had been tried before: there may be others, which are handed out one by one.
           array_agg(distinct a.queue_id) filter (where a.tries > 0) as retried
    into recorded from answered a;
    if cardinality(recorded.places) > 0 then
        perform pg_notify('jobtaskdone', case when cardinality(recorded.places) = 1 then recorded.first else '' end);
    end if;
    if recorded.retried is not null then
        perform pg_notify('action:' || retried.queue_id || ':ready', '') from unnest(recorded.retried) as retried (queue_id);
    end if;
    return recorded.places;
end
$$;
