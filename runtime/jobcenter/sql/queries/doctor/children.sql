-- A job that waits for children has one that has not ended.
select p.job_id, 'all its children have ended' as detail
from jobcenter.jobs p
where p.state = 'childwait' and not exists (
    select from jobcenter.jobs c
    where c.parentjob_id = p.job_id and not c.detached and c.state not in ('zombie', 'finished', 'error'))
