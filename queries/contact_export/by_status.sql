-- How did contacts end?
-- Grain: one row per status; contacts that have not ended have none and are a row of their own.
select
    status,
    count(*) as contacts,
    ratio(count(*), sum(count(*)) over ()) as share,
from gladly_contacts
group by all
order by contacts desc, status nulls last
