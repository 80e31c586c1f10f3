-- Refuses a definition with a duration in `config:` that is none. Errors: JC004.
create or replace function jobcenter.require_durations(content jsonb) returns void
language plpgsql stable
as $$
declare
    wrong record;
begin
    select d.* into wrong
    from (values ('timeout', content -> 'config' ->> 'timeout'), ('archive', content -> 'config' ->> 'archive'),
                 ('retry', content -> 'config' -> 'retry' ->> 'interval')) d (name, text)
    where d.text is not null and jobcenter.seconds_or_interval(d.text) is null limit 1;
    if found then
        raise exception '% %: "%" in its config: %', content ->> 'kind', content ->> 'name', wrong.name, jobcenter.no_duration(wrong.text)
            using errcode = 'JC004';
    end if;
end
$$;
