-- May this job borrow a lock from its holder? Where the holder lends it, and waits for the job: is its parent, or the parent's, and so on.
create or replace function jobcenter.may_borrow(borrower bigint, holder jobcenter.locks) returns boolean
language sql stable
as $$
    with recursive ancestor (job_id) as (
        select j.parentjob_id from jobcenter.jobs j where j.job_id = borrower and not j.detached
        union all
        select j.parentjob_id from jobcenter.jobs j join ancestor a on j.job_id = a.job_id where not j.detached
    )
    select holder.inheritable and exists (select from ancestor a where a.job_id = holder.job_id);
$$;
