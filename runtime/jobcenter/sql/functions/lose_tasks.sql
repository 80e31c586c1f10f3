-- The tasks of these jobs are lost by their workers; the rows are locked. Those of `retryable` actions (all that do not say otherwise) are
-- tried again, for the last time `alone` (see get_tasks); the others fail after `grace`, within which an answer still counts.
create or replace function jobcenter.lose_tasks(lost bigint[], grace interval) returns void
language plpgsql set enable_seqscan = off
as $$
declare
    -- The policy for actions that have none.
    policy jsonb := jsonb_build_object('tries', jobcenter.setting('lost_worker_tries')::integer, 'interval', jobcenter.setting('lost_worker_interval'));
    error jsonb := jsonb_build_object('class', 'soft', 'msg', 'the worker was lost', 'retry', policy);
    again bigint[];
    last bigint[];
    over bigint[];
begin
    select array_agg(j.job_id) filter (where r.retryable and r.tries is distinct from j.tries + 2),
           array_agg(j.job_id) filter (where r.retryable and r.tries = j.tries + 2),
           array_agg(j.job_id) filter (where not r.retryable)
    into again, last, over
    from jobcenter.jobs j
    join jobcenter.callees c on c.workflow_id = j.workflow_id and c.queue_id = j.queue_id
    join jobcenter.actions a on a.action_id = c.action_id,
    lateral (select coalesce((a.config ->> 'retryable')::boolean, true) as retryable,
                    (coalesce(a.config -> 'retry', policy) ->> 'tries')::numeric as tries) r
    where j.state = 'working' and j.job_id = any (lost);
    perform jobcenter.fail_tasks(again, error);
    perform jobcenter.fail_tasks(last, error || '{"alone": true}');
    if grace > interval '0' then
        update jobcenter.jobs j set timeout = least(j.timeout, now() + grace) where j.job_id = any (over);
    else
        perform jobcenter.fail_tasks(over, '{"class": "normal", "msg": "the worker was lost"}');
    end if;
    if coalesce(again, last, over) is not null then
        perform pg_notify('jobtaskdone', '');
    end if;
end
$$;
