-- No jobs wait for each other in a circle.
select o_job_id as job_id, o_cycle as detail from jobcenter.deadlocks()
