-- The key under which a new subscription is filed: the one of its mask's that fewest subscriptions have, so that an event that they all
-- have in common does not find them all. Counting stops at 100.
create or replace function jobcenter.mask_key(mask jsonb) returns bigint
language sql stable
as $$
    select k.key
    from unnest(jobcenter.event_keys(mask)) k (key),
         lateral (select count(*) as n from (
             select from jobcenter.event_subscriptions s where s.mask_key = k.key limit 100) few) used
    order by k.key = 0, used.n, k.key
    limit 1;
$$;
