-- Jobs of one workflow, one for each member of the array `args`, in that order. `keys`, where not null, goes in step with it: a job whose
-- key was used before is not made, and the number of the one that has it is given instead. `caller`: see
-- create_job. Errors: JC004, arguments that do not fit.
create or replace function jobcenter.insert_jobs(workflow jobcenter.actions, rolename text, args jsonb, env jsonb, keys text[], caller uuid)
returns bigint[]
language plpgsql
as $$
declare
    extra jsonb := coalesce(nullif(env, 'null'), '{}') || coalesce(workflow.wfenv, '{}') || jsonb_build_object('client', rolename);
    problem text;
    ids bigint[] := '{}';
    kept bigint[];
begin
    for place in 0 .. jsonb_array_length(args) - 1 loop
        problem := jobcenter.signature_problem('input', workflow.signature -> 'inputs', args -> place);
        if problem is not null then
            raise exception '%', problem using errcode = 'JC004';
        end if;
        ids[place + 1] := nextval('jobcenter.jobs_job_id_seq');
    end loop;
    if jsonb_typeof(env) not in ('object', 'null') then
        raise exception 'the environment has wrong type % (should be object)', jsonb_typeof(env) using errcode = 'JC004';
    end if;
    kept := ids;
    if keys is not null then
        perform jobcenter.require_short('the key', k.key) from unnest(keys) k (key);
        -- Waits for a transaction that is about to use the same key; what it says is read in a statement of its own. In one order, so that no two
        -- wait for each other.
        insert into jobcenter.job_keys (queue_id, key, job_id)
        select workflow.queue_id, k.key, k.job_id from unnest(keys, ids) k (key, job_id)
        where k.key is not null order by k.key on conflict do nothing;
        kept := array(
            select coalesce(known.job_id, k.job_id)
            from unnest(keys, ids) with ordinality k (key, job_id, position)
            left join jobcenter.job_keys known on known.queue_id = workflow.queue_id and known.key = k.key
            where k.job_id is not null order by k.position);
    end if;
    insert into jobcenter.jobs (job_id, root_id, workflow_id, task_id, state, arguments, environment, caller)
    overriding system value
    select n.job_id, n.job_id, workflow.action_id, workflow.start_task_id, 'done', workflow.input_defaults || n.arguments, e.environment, insert_jobs.caller
    from (select coalesce(jsonb_object_agg(j.name, j.value), '{}') || extra as environment from jobcenter.jc_env j) e
    cross join rows from (unnest(ids), unnest(kept), jsonb_array_elements(args)) as n (job_id, kept_id, arguments)
    where n.job_id = n.kept_id;
    return kept;
end
$$;
