-- Who were contacts assigned to?
-- Grain: one row per assignee; nobody is a row of its own.
select
    assigned_to,
    count(*) as assignments,
    ratio(count(*), sum(count(*)) over ()) as share,
from respondio_assignments
group by all
order by assignments desc, assigned_to nulls last
