-- What is the service level of each channel, by each of its four definitions?
-- Grain: one row per channel; the missing value is a row of its own.
select
    channel,
    service_level_rate(in_time_gladly) as gladly,
    service_level_rate(in_time_answered) as answered,
    service_level_rate(in_time_offered) as offered,
    service_level_rate(in_time_queued) as queued,
from gladly_contacts
group by all
order by count(*) desc, channel nulls last
