-- Maestro: locks up to `max_jobs` jobs that may go on (or that one), oldest first, save those `passed` over, until the end of the transaction. `jobs` is
-- a JSON array with a job a line, made without a look inside; `workflows` has the workflow of each. Those that are too
-- `heavy` for a batch, since others would wait for them, are not in it: they are to be claimed one by one.
create or replace function jobcenter.claim_jobs(
    max_jobs integer, only_job bigint default null, passed bigint[] default '{}',
    out jobs text, out workflows integer[], out claimed integer, out heavy bigint[]
)
language plpgsql security definer
set search_path = jobcenter, pg_catalog, pg_temp
-- The partial index is always right, whatever the statistics say of a table that fills and empties.
set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
begin
    select '[' || string_agg(concat(
               '{"job":', r.job_id, ',"workflow":', r.workflow_id, ',"task":', r.task_id, ',"state":"', r.state,
               '","args":', r.arguments, ',"env":', r.environment, ',"vars":', r.variables,
               ',"in":', coalesce(r.in_args, 'null'), ',"out":', coalesce(r.out_args, 'null'),
               ',"steps":', r.stepcounter, ',"depth":', r.current_depth, ',"tries":', r.tries,
               case when r.aborted then ',"aborted":' end, case when r.aborted then coalesce(r.abort_error, 'true') end, '}'),
               E',\n') filter (where not r.heavy) || ']',
           array_agg(r.workflow_id) filter (where not r.heavy),
           count(*) filter (where not r.heavy)::integer,
           array_agg(r.job_id) filter (where r.heavy)
    into jobs, workflows, claimed, heavy
    from (
        select j.job_id, j.workflow_id, j.task_id, j.state, j.arguments, j.environment, j.variables, j.in_args, j.out_args,
               j.stepcounter, j.current_depth, j.tries, j.aborted, j.abort_error,
               -- As they are stored, mostly compressed: to know this, nothing need be read.
               only_job is null and pg_column_size(j.arguments) + pg_column_size(j.variables) + coalesce(pg_column_size(j.in_args), 0)
                   + coalesce(pg_column_size(j.out_args), 0) > 131072 as heavy
        from jobcenter.jobs j
        where j.state in ('done', 'plotting')
          and j.job_id between coalesce(only_job, 0) and coalesce(only_job, 9223372036854775807)
          and j.job_id <> all (passed)
        order by j.job_id
        limit max_jobs
        for update skip locked
    ) r;
end
$$;
