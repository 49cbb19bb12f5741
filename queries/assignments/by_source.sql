-- What assigned contacts?
-- Grain: one row per source; the missing value is a row of its own.
select
    source,
    count(*) as assignments,
    ratio(count(*), sum(count(*)) over ()) as share,
from respondio_assignments
group by all
order by assignments desc, source nulls last
