-- Maestro: locks up to `max_jobs` jobs that may go on (or that one), oldest first, save those `passed` over, until the end of the transaction. `jobs` is
-- a JSON array with a job a line, made without a look inside; `workflows` says whose modules an executor needs for it. Those that are too
-- `heavy` for a batch, since others would wait for them, are not in it: they are to be claimed one by one.
create or replace function jobcenter.claim_jobs(
    max_jobs integer, only_job bigint default null, passed bigint[] default '{}',
    out jobs text, out workflows integer[], out claimed integer, out heavy bigint[]
)
language sql security definer
set search_path = jobcenter, pg_catalog, pg_temp
set enable_seqscan = off  -- the partial index is always right, whatever the statistics say of a table that fills and empties
as $$
with runnable as materialized (
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
)
select '[' || string_agg(
           '{"job":' || job_id || ',"workflow":' || workflow_id || ',"task":' || task_id || ',"state":"' || state
           || '","args":' || arguments || ',"env":' || environment || ',"vars":' || variables
           || ',"in":' || coalesce(in_args::text, 'null') || ',"out":' || coalesce(out_args::text, 'null')
           || ',"steps":' || stepcounter || ',"depth":' || current_depth || ',"tries":' || tries
           || case when aborted then ',"aborted":' || coalesce(abort_error::text, 'true') || '}' else '}' end,
           E',\n' order by job_id) filter (where not heavy) || ']',
       array_agg(distinct workflow_id) filter (where not heavy),
       count(*) filter (where not heavy)::integer,
       array_agg(job_id) filter (where heavy)
from runnable
$$;
