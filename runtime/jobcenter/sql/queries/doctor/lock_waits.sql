-- A job that waits for a lock is in the lock's queue, somebody holds the lock, and who is in a queue waits.
select j.job_id, case when w.job_id is null then 'waits for a lock without a place in its queue'
                      when j.state <> 'lockwait' then format('is %s, but in the queue of lock %s %s', j.state, w.locktype, w.lockvalue)
                      else format('waits for lock %s %s, which nobody holds', w.locktype, w.lockvalue) end as detail
from (select job_id, state from jobcenter.jobs where state = 'lockwait') j
full join jobcenter.lock_waits w using (job_id)
where w.job_id is null or j.job_id is null
   or not exists (select from jobcenter.locks k where k.locktype = w.locktype and k.lockvalue = w.lockvalue)
