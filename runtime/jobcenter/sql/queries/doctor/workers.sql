-- A worker that has been silent for too long is given up within a minute.
select null::bigint as job_id, format('worker %s was last heard of at %s', w.name, w.last_ping::timestamptz(0)) as detail
from jobcenter.workers w, jobcenter.settings s
where s.name = 'worker_timeout' and w.stopped is null and w.last_ping < now() - s.value::interval - interval '1 minute'
