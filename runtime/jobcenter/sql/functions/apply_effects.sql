-- Maestro: carries out what the steps of jobs need beyond their own rows. Gives the answers that are known at once, by the job's number; such a
-- job goes on at once. What is not in it waits, or has nothing to be told. What frees or sends goes before what waits for it.
create or replace function jobcenter.apply_effects(effects json) returns jsonb
language plpgsql
as $$
declare
    effect record;
    answers jsonb := '{}';
begin
    for effect in
        select e.key as name, e.value as entries from json_each(effects) e
        order by array_position(array['procedures', 'children', 'unlocks', 'locks', 'unsubscriptions', 'subscriptions', 'events'], e.key)
    loop
        answers := answers || coalesce(case effect.name
            when 'procedures' then jobcenter.run_procedures(effect.entries)
            when 'children' then jobcenter.start_children(effect.entries)
            when 'unlocks' then jobcenter.release_locks(effect.entries)
            when 'locks' then jobcenter.take_locks(effect.entries)
            when 'unsubscriptions' then jobcenter.unsubscribe(effect.entries)
            when 'subscriptions' then jobcenter.subscribe(effect.entries)
            when 'events' then jobcenter.send_events(effect.entries)
            when 'event_waits' then jobcenter.take_events(effect.entries)
            end, '{}');
    end loop;
    return answers;
end
$$;
