-- Whose end, or unlock, a job waits for when it waits for this lock: its holder, and those who lent it to the holder and will have it back;
-- down to the one from whom the job may borrow it itself. The holder comes first.
create or replace function jobcenter.lock_holders(waiter bigint, type text, value text) returns setof bigint
language sql stable
as $$
    select l.job_id from jobcenter.locks l
    where l.locktype = type and l.lockvalue = value and l.depth > coalesce(
        (select max(lender.depth) from jobcenter.locks lender
         where lender.locktype = type and lender.lockvalue = value and jobcenter.may_borrow(waiter, lender)), -1)
    order by l.depth desc;
$$;
