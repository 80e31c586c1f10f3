-- Tasks that are tried again, by their queue: `out_args` of a job that waits for a worker is the error of its last try.
create index jobs_retried on jobs (queue_id, job_id) where state = 'ready' and out_args is not null;
