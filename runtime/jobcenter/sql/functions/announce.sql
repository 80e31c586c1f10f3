-- A worker says that it serves an action; `filter` restricts its tasks by their inputs, where the action's config allows it. Gives the
-- worker's number (for ping) and the channel that tells of tasks. Errors: JC002 no such action, JC004 a filter that is not allowed,
-- JC005 disabled, 42501 not allowed.
create or replace function jobcenter.announce(
    worker text, action text, impersonate text default null, filter jsonb default null,
    out o_worker_id bigint, out o_listenstring text)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text := jobcenter.acting_role(impersonate);
    served jobcenter.actions := jobcenter.served_action(action, rolename);
    allowed jsonb := served.config -> 'filter';
    wanted jsonb := nullif(filter, 'null');
    stranger text;
begin
    if not exists (select from jobcenter.actions a where a.queue_id = served.queue_id and not a.disabled) then
        raise exception 'action % is disabled', action using errcode = 'JC005';
    end if;
    if allowed is null and wanted is not null then
        raise exception 'filtering is not allowed for action %', action using errcode = 'JC004';
    elsif wanted is null and not allowed ? '_*_' then
        raise exception 'a filter is required for action %', action using errcode = 'JC004';
    elsif jsonb_typeof(wanted) <> 'object' then
        raise exception 'the filter has wrong type % (should be object)', jsonb_typeof(wanted) using errcode = 'JC004';
    end if;
    select k.key into stranger from jsonb_object_keys(wanted) k (key) where not allowed ? k.key or k.key = '_*_' limit 1;
    if found then
        raise exception 'filtering on "%" is not allowed for action %', stranger, action using errcode = 'JC004';
    end if;
    o_worker_id := (jobcenter.registered_worker(worker, rolename)).worker_id;
    o_listenstring := format('action:%s:ready', served.queue_id);
    insert into jobcenter.worker_actions as a (worker_id, queue_id, filter) values (o_worker_id, served.queue_id, wanted)
    on conflict (worker_id, queue_id) do update set filter = excluded.filter where a.filter is distinct from excluded.filter;
end
$$;
