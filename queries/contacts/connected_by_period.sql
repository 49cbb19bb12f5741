-- Which channels were contacts connected on, period by period?
-- Grain: one row per covered period and channel that the range has.
with counted as (
    select period, channel, count(*) as contacts
    from respondio_contacts_connected
    group by all
),

present as (
    select distinct channel
    from counted
)

select
    periods.period,
    present.channel,
    coalesce(counted.contacts, 0) as contacts,
from periods
cross join present
left join counted
    on periods.period = counted.period
    and present.channel is not distinct from counted.channel
order by periods.period, present.channel nulls last
