-- Maestro: of the jobs that these results are for, those that are to be told of an abort: an object with the error of each, by its number.
create or replace function jobcenter.aborted_jobs(results json) returns jsonb
language sql stable
as $$
    select coalesce(jsonb_object_agg(j.job_id, coalesce(j.abort_error, '{}')), '{}')
    from json_to_recordset(results) as r (job bigint)
    cross join lateral (select * from jobcenter.jobs j where j.job_id = r.job and j.aborted offset 0) as j;
$$;
