-- Maestro: wakes jobs one by one, after a failure to wake them together. Gives how many; what went wrong with the others is a warning.
create or replace function jobcenter.wake_singly(ripe bigint[]) returns integer
language plpgsql
as $$
declare
    job bigint;
    woken integer := 0;
begin
    foreach job in array ripe loop
        begin
            perform jobcenter.wake_jobs(array[job]);
            woken := woken + 1;
        exception when others then
            raise warning 'job % cannot be woken: %', job, sqlerrm;
        end;
    end loop;
    return woken;
end
$$;
