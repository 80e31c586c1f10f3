-- Every lock has an owner that has not ended.
select k.job_id, format('holds lock %s %s, but %s', k.locktype, k.lockvalue, coalesce('is ' || j.state, 'is not there')) as detail
from jobcenter.locks k
left join jobcenter.jobs j using (job_id)
where j.job_id is null or j.state in ('zombie', 'finished', 'error')
