-- The answer to a task: its outputs, checked against the action's declaration (what does not fit is an error of the job). An answer that
-- comes late, or twice, changes nothing; tasks_done says which it was.
create or replace function jobcenter.task_done(cookie text, out_args jsonb) returns void
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    perform pg_notify('jobtaskdone', format('(%s,%s,%s)', r.o_workflow_id, r.o_task_id, r.o_job_id)),
            case when r.o_retried is not null then pg_notify('action:' || r.o_retried || ':ready', '') end
    from jobcenter.record_answers(array[cookie], jsonb_build_array(out_args)) r;
end
$$;
