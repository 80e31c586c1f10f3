-- Maestro: child jobs have become zombies. A parent that has no other living child is woken with the outputs of all, in their order, or
-- with the first error that is not just an abort; its children are reaped. The first error aborts the children that still live.
-- Gives the number of parents woken.
--
-- The parents are locked before their children are looked at, in statements of their own: of two Maestros that end the last two
-- children, the one that comes second sees both.
create or replace function jobcenter.end_children(ended bigint[]) returns integer
language plpgsql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    parents bigint[];
    woken integer;
begin
    select array_agg(job_id) into parents from (
        select p.job_id from jobs p
        where p.job_id in (select c.parentjob_id from jobs c where c.job_id = any (ended)) and p.state = 'childwait'
        order by p.job_id
        for update
    ) as waiting;
    -- Nobody waits for these: the parent has been ended by force.
    update jobs set state = case when out_args ? 'error' then 'error' else 'finished' end::job_state
    where job_id = any (ended) and state = 'zombie' and not parentjob_id = any (coalesce(parents, '{}'));
    if parents is null then
        return 0;
    end if;

    with complete as materialized (
        select p.job_id from jobs p
        where p.job_id = any (parents) and not exists (
            select from jobs c where c.parentjob_id = p.job_id and not c.detached
            and c.state in ('ready', 'working', 'eventwait', 'childwait', 'lockwait', 'sleeping', 'retrywait', 'done', 'plotting'))
    ), reaped as (
        update jobs c set state = case when c.out_args ? 'error' then 'error' else 'finished' end::job_state
        from complete where c.parentjob_id = complete.job_id and c.state = 'zombie' and not c.detached
        returning c.parentjob_id, c.job_id, c.child_index, c.out_args
    ), answers as (
        select parentjob_id,
               jsonb_agg(out_args order by child_index) as outputs,
               (array_agg(jsonb_build_object('job', job_id, 'error', out_args -> 'error')
                          order by out_args -> 'error' ->> 'class' = 'abort', child_index)
                filter (where out_args ? 'error'))[1] as failed
        from reaped group by parentjob_id
    ), wakened as (
        update jobs p set
            state = 'done',
            timeout = null,
            task_completed = now(),
            aborted = false,
            out_args = case
                when p.aborted then coalesce(p.out_args, jobcenter.error_answer('abort', 'the job was aborted: another child of its parent failed'))
                when a.failed is not null then jsonb_build_object('error', a.failed || jsonb_build_object(
                    'class', 'childerror', 'msg', coalesce(a.failed -> 'error' ->> 'msg', 'a child failed')))
                when t.kind = 'split' then jsonb_build_object('children', a.outputs)
                else a.outputs -> 0 end
        from answers a, tasks t
        where p.job_id = a.parentjob_id and t.workflow_id = p.workflow_id and t.task_id = p.task_id
        returning p.job_id
    )
    select count(*), array(select unnest(parents) except select job_id from wakened) into woken, parents from wakened;

    -- Where there was an error before, or a cancel, the others have heard: they may be tidying up.
    select array_agg(distinct c.parentjob_id) into parents from jobs c
    where c.job_id = any (ended) and c.parentjob_id = any (parents) and c.out_args ? 'error'
      and (select not p.aborted from jobs p where p.job_id = c.parentjob_id)
      and not exists (
          select from jobs o
          where o.parentjob_id = c.parentjob_id and o.state = 'zombie' and o.out_args ? 'error' and o.job_id <> all (ended));
    if parents is not null then
        perform jobcenter.abort_children(parents);
    end if;
    return woken;
end
$$;
