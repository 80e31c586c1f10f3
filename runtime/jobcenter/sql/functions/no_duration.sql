-- Why seconds_or_interval gives nothing for a text, as a sentence.
create or replace function jobcenter.no_duration(wanted text) returns text
language plpgsql stable
as $$
begin
    return format(case when wanted::interval < interval '0' then '"%s" is below 0' else '"%s" is no interval' end, wanted);
exception when data_exception then
    return format('"%s" is no interval', wanted);
end
$$;
