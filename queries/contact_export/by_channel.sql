-- How many contacts does each channel have, and how long do they wait?
-- Grain: one row per channel; the missing value is a row of its own.
select
    channel,
    count(*) as contacts,
    ratio(count(*), sum(count(*)) over ()) as share,
    median(queued_to_fulfilled_seconds) as median_queued_to_fulfilled_seconds,
    p90(queued_to_fulfilled_seconds) as p90_queued_to_fulfilled_seconds,
    sla_attainment_rate(seconds_within_or_over_sla) as sla_attainment_rate,
from gladly_contacts
group by all
order by contacts desc, channel nulls last
