-- How old is what is open at the end of the range?
-- Grain: one row per age of which something is open, the youngest first.
select
    age,
    count(*) as contacts,
from gladly_workload
where is_open_at_end = 'YES'
group by all
order by min(open_for_seconds), age
