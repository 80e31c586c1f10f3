-- How long from now, of a number of seconds or an interval's text; null where it is neither, is below 0, or ends behind the
-- last time there is. What would end behind the year 9999 ends with it: other times are none to the programs that show them.
create or replace function jobcenter.seconds_or_interval(wanted text) returns interval
language plpgsql stable strict
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    found interval;
    last constant timestamptz := '9999-12-31';
begin
    found := case when wanted ~* '^[0-9.]+(e[+-]?[0-9]+)?$' then make_interval(secs => wanted::double precision) else wanted::interval end;
    return case when found < interval '0' then null when now() + found < last then found else last - now() end;
exception when data_exception then
    return null;
end
$$;
