-- The job that a cookie belongs to; null for what is no cookie.
create or replace function jobcenter.job_of_cookie(cookie text) returns bigint
language sql immutable
as $$
    select case when cookie ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ('x' || right(cookie, 12))::bit(48)::bigint end;
$$;
