-- A job ends once: it has a time at which it did, and is not among the archived ones as well.
select j.job_id, case when j.job_finished is null then 'has ended without a time'
                      else format('is %s, and archived as well', j.state) end as detail
from jobcenter.jobs j
where j.state in ('finished', 'error') and j.job_finished is null
   or exists (select from jobcenter.jobs_archive a where a.job_id = j.job_id)
