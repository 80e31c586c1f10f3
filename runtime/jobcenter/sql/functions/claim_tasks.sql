-- Claims of many workers at once: `claims` is an array of {"worker", "action", "n", "job"}, where `job` (one job's task, or null for any)
-- and `n` are as in get_task and get_tasks. `o_claim` is the claim's place in the array, from 1.
create or replace function jobcenter.claim_tasks(claims json)
returns table (o_claim bigint, o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    claim record;
begin
    for claim in
        select c.value ->> 'worker' as worker, c.value ->> 'action' as action, (c.value ->> 'n')::integer as n,
               (c.value ->> 'job')::bigint as job, c.ordinality as place
        from json_array_elements(claims) with ordinality c
    loop
        return query select claim.place, t.* from jobcenter.get_tasks(claim.worker, claim.action, claim.n, only_job => claim.job) t;
    end loop;
end
$$;
