-- Deploys one compiled definition, as deploy_definitions does.
create or replace function jobcenter.deploy_definition(
    artifact json, tags text[] default null, force boolean default false,
    out o_action_id integer, out o_version integer, out o_new boolean)
language sql volatile security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select d.o_action_id, d.o_version, d.o_new from jobcenter.deploy_definitions(json_build_array(artifact), tags, force) d;
$$;
