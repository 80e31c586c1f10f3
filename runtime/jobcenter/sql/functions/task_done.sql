-- The answer to a task: its outputs, checked against the action's declaration (what does not fit is an error of the job). An answer that
-- comes late, or twice, changes nothing; tasks_done says which it was.
create or replace function jobcenter.task_done(cookie text, out_args jsonb) returns void
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    perform jobcenter.record_answers(array[cookie], jsonb_build_array(out_args));
end
$$;
