-- Ended jobs by their workflow: how long they stay among the living is the actions' to say (`config: archive`).
drop index jobs_ended;
create index jobs_ended on jobs (workflow_id, job_finished) where state in ('finished', 'error');
update settings set doc = 'an ended job stays in jobs for so long before it moves to jobs_archive, where no action that its workflow calls says another time'
where name = 'archive_after';
