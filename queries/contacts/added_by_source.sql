-- How did contacts come to be added?
-- Grain: one row per source; the missing value is a row of its own.
select
    source,
    count(*) as contacts,
    ratio(count(*), sum(count(*)) over ()) as share,
from respondio_contacts_added
group by all
order by contacts desc, source nulls last
