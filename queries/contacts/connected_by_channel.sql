-- Which channels were contacts connected on?
-- Grain: one row per channel; the missing value is a row of its own.
select
    channel,
    count(*) as contacts,
    ratio(count(*), sum(count(*)) over ()) as share,
from respondio_contacts_connected
group by all
order by contacts desc, channel nulls last
