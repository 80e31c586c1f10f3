-- For a worker that traces: where its tasks belong, by their cookies. `o_traceparent` is the context (W3C) in the job's environment, null where
-- there is none; `o_step` is the number of the step that the task is.
create or replace function jobcenter.trace_contexts(cookies text[])
returns table (o_job_cookie text, o_job_id bigint, o_step integer, o_traceparent text, o_trace_id text)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select c.cookie, j.job_id, j.stepcounter, j.environment ->> 'traceparent', trace_id(j.root_id)
    from unnest(cookies) c (cookie)
    join jobs j on j.job_id = job_of_cookie(c.cookie) and j.cookie::text = lower(c.cookie);
$$;
