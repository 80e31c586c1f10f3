-- Workers are gone. The tasks they still have of `retryable` actions (all that do not say otherwise) are tried again; the others fail
-- after `grace`, within which an answer still counts.
create or replace function jobcenter.lose_workers(lost bigint[], grace interval) returns void
language plpgsql
as $$
declare
    again bigint[];
    over bigint[];
begin
    delete from jobcenter.worker_actions s where s.worker_id = any (lost);
    select array_agg(j.job_id) filter (where r.retryable), array_agg(j.job_id) filter (where not r.retryable) into again, over
    from jobcenter.jobs j
    join jobcenter.callees c on c.workflow_id = j.workflow_id and c.queue_id = j.queue_id
    join jobcenter.actions a on a.action_id = c.action_id,
    lateral (select coalesce((a.config ->> 'retryable')::boolean, true)) r (retryable)
    where j.state = 'working' and j.worker_id = any (lost);
    if again is not null then
        -- `retry` is the policy for actions that have none.
        perform jobcenter.fail_tasks(again, jsonb_build_object('class', 'soft', 'msg', 'the worker was lost', 'retry', jsonb_build_object(
            'tries', jobcenter.setting('lost_worker_tries')::integer, 'interval', jobcenter.setting('lost_worker_interval'))));
    end if;
    if over is not null and grace > interval '0' then
        update jobcenter.jobs j set timeout = least(j.timeout, now() + grace) where j.job_id = any (over) and j.state = 'working';
    elsif over is not null then
        perform jobcenter.fail_tasks(over, '{"class": "normal", "msg": "the worker was lost"}');
    end if;
    if again is not null or over is not null then
        perform pg_notify('jobtaskdone', '');
    end if;
end
$$;
