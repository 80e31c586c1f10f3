-- Maestro: how long from now, of a number of seconds or an interval's text; null where it is neither.
create or replace function jobcenter.seconds_or_interval(wanted text) returns interval
language plpgsql stable strict
set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    if wanted ~ '^[0-9.]+(e[+-]?[0-9]+)?$' then
        return make_interval(secs => wanted::double precision);
    end if;
    return wanted::interval;
exception when data_exception then
    return null;
end
$$;
