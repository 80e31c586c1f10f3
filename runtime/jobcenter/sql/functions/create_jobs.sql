-- Creates many jobs of one workflow at once, all or none: one for each member of the array `args`; gives their numbers in that order.
-- `keys` goes in step with `args`. Otherwise as create_job.
create or replace function jobcenter.create_jobs(
    wfname text, args jsonb, tag text default null, impersonate text default null, env jsonb default null, keys text[] default null)
returns table (o_job_id bigint)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text := jobcenter.acting_role(impersonate);
    workflow jobcenter.actions := jobcenter.admitted_workflow(wfname, tag, rolename);
    ids bigint[];
begin
    if jsonb_typeof(args) is distinct from 'array' then
        raise exception 'the list of input arguments has wrong type % (should be array)', coalesce(jsonb_typeof(args), 'null')
            using errcode = 'JC004';
    end if;
    if cardinality(keys) <> jsonb_array_length(args) then
        raise exception '% jobs, but % keys', jsonb_array_length(args), cardinality(keys) using errcode = 'JC004';
    end if;
    ids := jobcenter.insert_jobs(workflow, rolename, args, env, keys, null);
    if cardinality(ids) > 0 then
        perform pg_notify('jobtaskdone', '');
    end if;
    return query select j.job_id from unnest(ids) with ordinality j (job_id, position) order by j.position;
end
$$;
