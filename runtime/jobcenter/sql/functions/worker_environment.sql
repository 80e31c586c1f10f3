-- What a worker is handed of a job's environment: the values that the action declares; null where it declares none. `own` holds what is
-- the job's without being stored in its environment; of that, `tries` is how often the task has failed before.
create or replace function jobcenter.worker_environment(action_id integer, environment jsonb, own jsonb) returns jsonb
language sql stable
as $$
    select jsonb_object_agg(i.name, coalesce(environment -> i.name, own -> i.name, i."default", 'null'))
    from jobcenter.action_inputs i
    where i.action_id = worker_environment.action_id and i.destination = 'environment';
$$;
