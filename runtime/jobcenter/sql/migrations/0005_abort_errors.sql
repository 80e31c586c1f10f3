-- The error that a job with `aborted` is to be told, where it is not the usual one: the reason of a cancel, and whether that was forced.
alter table jobs add column abort_error jsonb;
alter table jobs_archive add column abort_error jsonb;
