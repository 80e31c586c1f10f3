-- The group roles, one for each part of the system; login roles are made members of them. They belong to the whole server.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['jc_admin', 'jc_maestro', 'jc_client', 'jc_worker'] loop
        if exists (select from pg_catalog.pg_roles where rolname = wanted) then
            continue;
        end if;
        begin
            execute format('create role %I nologin', wanted);
        exception
            when insufficient_privilege then
                raise notice 'role % is not there and may not be created: its grants are left out', wanted;
            when duplicate_object or unique_violation then
                null; -- another database of this server was faster
        end;
    end loop;
end
$$;
