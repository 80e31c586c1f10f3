-- Who waits for a job that it created: the job's end is told on the channel `caller:UUID`, together with its output. Nobody else knows that channel.
alter table jobs add column caller uuid;
