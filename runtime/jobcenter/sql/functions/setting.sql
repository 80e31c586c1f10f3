-- A setting of the runtime by its name (table settings).
create or replace function jobcenter.setting(name text) returns text
language sql stable
as $$
    select s.value from jobcenter.settings s where s.name = setting.name;
$$;
