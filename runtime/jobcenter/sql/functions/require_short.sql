-- Refuses a name that is too long to be looked up by. Errors: JC004.
create or replace function jobcenter.require_short(what text, name text) returns void
language plpgsql immutable
as $$
begin
    if octet_length(name) > 2000 then
        raise exception '% is too long: % bytes (at most 2000)', what, octet_length(name) using errcode = 'JC004';
    end if;
end
$$;
