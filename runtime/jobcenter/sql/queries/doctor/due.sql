-- No job's time has come more than a minute ago.
select j.job_id, format('%s, was due at %s', j.state, j.timeout::timestamptz(0)) as detail
from jobcenter.jobs j
where j.timeout < now() - interval '1 minute'
