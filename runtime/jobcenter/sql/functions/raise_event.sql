-- Raises an event, an object, for the jobs that have subscribed to what it contains; gives for how many subscriptions it was.
create or replace function jobcenter.raise_event(data jsonb) returns bigint
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    if jsonb_typeof(data) is distinct from 'object' then
        raise exception 'the event has wrong type % (should be object)', coalesce(jsonb_typeof(data), 'null') using errcode = 'JC004';
    end if;
    return jobcenter.deliver_event(data);
end
$$;
