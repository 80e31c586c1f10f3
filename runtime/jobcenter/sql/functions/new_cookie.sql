-- A cookie for a job: a random uuid (74 random bits) whose last 12 digits are the job's number, so that an answer finds its job by the
-- primary key.
create or replace function jobcenter.new_cookie(job_id bigint) returns uuid
language sql volatile
as $$
    select overlay(gen_random_uuid()::text placing lpad(to_hex(job_id), 12, '0') from 25)::uuid;
$$;
