-- What is the service level, period by period, by each of its four definitions?
-- Grain: one row per covered period.
with served as (
    select
        period,
        service_level_rate(in_time_gladly) as gladly,
        service_level_rate(in_time_answered) as answered,
        service_level_rate(in_time_offered) as offered,
        service_level_rate(in_time_queued) as queued,
    from gladly_contacts
    group by all
)

select
    periods.period,
    served.gladly,
    served.answered,
    served.offered,
    served.queued,
from periods
left join served on periods.period = served.period
order by periods.period
