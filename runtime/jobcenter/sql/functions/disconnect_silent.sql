-- `disconnect` for those of these workers that have not pinged for `silence`: one that has come back by another way stays. Gives the names
-- of those that went.
create or replace function jobcenter.disconnect_silent(workers text[], silence interval) returns setof text
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    silent text;
begin
    for silent in
        select w.name from jobcenter.workers w
        where w.name = any (workers) and w.stopped is null and w.last_ping <= now() - silence order by w.worker_id for no key update
    loop
        perform jobcenter.disconnect(silent);
        return next silent;
    end loop;
end
$$;
