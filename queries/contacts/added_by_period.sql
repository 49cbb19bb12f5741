-- How did contacts come to be added, period by period?
-- Grain: one row per covered period and source that the range has.
with counted as (
    select period, source, count(*) as contacts
    from respondio_contacts_added
    group by all
),

present as (
    select distinct source
    from counted
)

select
    periods.period,
    present.source,
    coalesce(counted.contacts, 0) as contacts,
from periods
cross join present
left join counted
    on periods.period = counted.period
    and present.source is not distinct from counted.source
order by periods.period, present.source nulls last
