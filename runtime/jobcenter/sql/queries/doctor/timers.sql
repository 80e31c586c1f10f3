-- A job that sleeps or is to be tried again has a time at which it goes on.
select j.job_id, format('%s without an end', j.state) as detail
from jobcenter.jobs j
where j.state in ('sleeping', 'retrywait') and j.timeout is null
