-- Creates a job. `args`: its inputs; `tag`: which version (see newest_action); `impersonate`: the role to act for; `env`: joins the job's
-- environment; `key`: the same key gives the same job; `caller`: who listens to the channel `caller:UUID` hears there of the end of the job that is made,
-- with its output where that fits into a notification: to be made up for the purpose, and told to nobody. Gives the job's number, and the
-- channel that tells everybody of its end.
-- Errors: JC001 no such workflow, JC004 arguments that do not fit, JC005 disabled, 42501 not allowed.
create or replace function jobcenter.create_job(
    wfname text, args jsonb, tag text default null, impersonate text default null, env jsonb default null, key text default null,
    caller uuid default null, out o_job_id bigint, out o_listenstring text)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text := jobcenter.acting_role(impersonate);
    workflow jobcenter.actions := jobcenter.admitted_workflow(wfname, tag, rolename);
begin
    o_job_id := (jobcenter.insert_jobs(workflow, rolename, jsonb_build_array(coalesce(args, '{}')), env,
                                       case when key is not null then array[key] end, caller))[1];
    o_listenstring := format('job:%s:finished', o_job_id);
    perform pg_notify('jobtaskdone', format('(%s,%s,%s)', workflow.action_id, workflow.start_task_id, o_job_id));
end
$$;
