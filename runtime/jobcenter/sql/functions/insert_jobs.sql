-- Jobs of one workflow, one for each member of the array `args`, in that order. `keys`, where not null, goes in step with it: a job whose
-- key was used before is not made, and the number of the one that has it is given instead. Errors: JC004, arguments that do not fit.
create or replace function jobcenter.insert_jobs(workflow jobcenter.actions, rolename text, args jsonb, env jsonb, keys text[])
returns bigint[]
language plpgsql
as $$
declare
    problem text;
    environment jsonb;
    ids bigint[];
    kept bigint[];
begin
    select p.problem into problem
    from jsonb_array_elements(args) with ordinality a (arguments, position),
         lateral jobcenter.argument_problem(workflow.action_id, a.arguments) p (problem)
    where p.problem is not null order by a.position limit 1;
    if found then
        raise exception '%', problem using errcode = 'JC004';
    end if;
    if jsonb_typeof(env) not in ('object', 'null') then
        raise exception 'the environment has wrong type % (should be object)', jsonb_typeof(env) using errcode = 'JC004';
    end if;
    select coalesce(jsonb_object_agg(e.name, e.value), '{}') into environment from jobcenter.jc_env e;
    environment := environment || coalesce(nullif(env, 'null'), '{}') || coalesce(workflow.wfenv, '{}')
        || jsonb_build_object('client', rolename);
    ids := array(select nextval('jobcenter.jobs_job_id_seq') from generate_series(1, jsonb_array_length(args)));
    kept := ids;
    if keys is not null then
        perform jobcenter.require_short('the key', k.key) from unnest(keys) k (key);
        -- Waits for a transaction that is about to use the same key; what it says is read in a statement of its own.
        insert into jobcenter.job_keys (queue_id, key, job_id)
        select workflow.queue_id, k.key, k.job_id from unnest(keys, ids) k (key, job_id)
        where k.key is not null on conflict do nothing;
        kept := array(
            select coalesce(known.job_id, k.job_id)
            from unnest(keys, ids) with ordinality k (key, job_id, position)
            left join jobcenter.job_keys known on known.queue_id = workflow.queue_id and known.key = k.key
            where k.job_id is not null order by k.position);
    end if;
    insert into jobcenter.jobs (job_id, root_id, workflow_id, task_id, state, arguments, environment)
    overriding system value
    select k.job_id, k.job_id, workflow.action_id, workflow.start_task_id, 'done', workflow.input_defaults || a.arguments, environment
    from unnest(ids, kept) with ordinality k (job_id, kept_id, position)
    join jsonb_array_elements(args) with ordinality a (arguments, position) on a.position = k.position
    where k.job_id = k.kept_id;
    return kept;
end
$$;
