-- Who may call what: the whole list. What stands in none of these rows is internal. Nobody but the owner touches tables, save that
-- jc_admin reads them.
do $$
declare
    may record;
    routine regprocedure;
begin
    for routine in select oid from pg_catalog.pg_proc where pronamespace = 'jobcenter'::regnamespace loop
        execute format('revoke all on routine %s from public', routine);
    end loop;
    for may in
        select g.rolename, p.oid::regprocedure as routine
        from (values
            ('jc_client', array['create_job', 'create_jobs', 'get_job_status', 'find_jobs', 'cancel_job', 'retry_job', 'raise_event',
                                'check_if_lock_exists', 'get_workflow_info', 'get_job_statuses', 'get_job_progress']),
            ('jc_worker', array['announce', 'withdraw', 'ping', 'disconnect', 'poll_tasks', 'get_task', 'get_tasks', 'held_tasks',
                                'task_done', 'tasks_done', 'task_failed', 'claim_tasks', 'give_back', 'disconnect_silent',
                                'trace_contexts']),
            ('jc_maestro', array['claim_jobs', 'apply_results', 'wake_due', 'modules_for', 'keep_house', 'keep_archive', 'get_job_status',
                                 'figures', 'ended_jobs', 'ended_steps']),
            ('jc_admin', array['create_job', 'create_jobs', 'get_job_status', 'find_jobs', 'cancel_job', 'retry_job', 'raise_event',
                               'check_if_lock_exists', 'get_workflow_info', 'get_job_statuses', 'get_job_progress', 'get_stale_actions',
                               'disable_action', 'disconnect', 'deploy_definition', 'deploy_definitions', 'deploy_schema',
                               'deadlocks', 'figures'])
        ) as g (rolename, names)
        join pg_catalog.pg_roles r on r.rolname = g.rolename
        join pg_catalog.pg_proc p on p.proname = any (g.names) and p.pronamespace = 'jobcenter'::regnamespace
    loop
        execute format('grant execute on routine %s to %I', may.routine, may.rolename);
    end loop;
    for may in
        select rolname as rolename from pg_catalog.pg_roles
        where rolname in ('jc_admin', 'jc_maestro', 'jc_client', 'jc_worker')
    loop
        execute format('grant usage on schema jobcenter to %I', may.rolename);
    end loop;
    if exists (select from pg_catalog.pg_roles where rolname = 'jc_admin') then
        grant select on all tables in schema jobcenter to jc_admin;
        grant update on jobcenter.settings to jc_admin;
        grant insert, update, delete on jobcenter.jc_env, jobcenter.jc_roles, jobcenter.jc_role_members,
            jobcenter.jc_impersonate_roles to jc_admin;
    end if;
end
$$;

-- For people in psql: `select * from create_job(…)` finds the function. What runs as the owner has a path of its own, pinned.
do $$
begin
    if not exists (
        select from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c (setting)
        where s.setdatabase = (select oid from pg_catalog.pg_database where datname = current_database())
          and s.setrole = 0 and c.setting like 'search_path=%'
    ) then
        execute format('alter database %I set search_path = "$user", public, jobcenter', current_database());
    end if;
exception when insufficient_privilege then
    raise notice 'search_path of the database may not be set: in psql, write jobcenter.create_job and so on';
end
$$;
