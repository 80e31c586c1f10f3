-- Whether a lock is taken; null where no workflow has a lock of that type.
create or replace function jobcenter.check_if_lock_exists(locktype text, lockvalue text) returns boolean
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select exists (select from jobcenter.locks l where l.locktype = t.locktype and l.lockvalue = check_if_lock_exists.lockvalue)
    from jobcenter.locktypes t where t.locktype = check_if_lock_exists.locktype;
$$;
