-- How long from now, of a number of seconds or an interval's text; null where it is neither, or ends behind the last time there is.
create or replace function jobcenter.seconds_or_interval(wanted text) returns interval
language plpgsql stable strict
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    found interval;
begin
    found := case when wanted ~* '^[0-9.]+(e[+-]?[0-9]+)?$' then make_interval(secs => wanted::double precision) else wanted::interval end;
    perform now() + found;
    return found;
exception when data_exception then
    return null;
end
$$;
