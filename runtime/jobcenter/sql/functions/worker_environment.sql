-- What a worker is handed of a job's environment: the values that the action declares (`actions.signature`). `own` holds what is the job's
-- without being stored in its environment; of that, `tries` is how often the task has failed before.
create or replace function jobcenter.worker_environment(declared jsonb, environment jsonb, own jsonb) returns jsonb
language sql immutable
as $$
    select jsonb_object_agg(d.key, coalesce(environment -> d.key, own -> d.key, d.value)) from jsonb_each(declared) d;
$$;
