-- No jobs wait for each other in a circle.
select w.job_id, c.cycle as detail
from jobcenter.lock_waits w, lateral jobcenter.lock_cycle(w.job_id, w.locktype, w.lockvalue) c (cycle)
where c.cycle is not null
