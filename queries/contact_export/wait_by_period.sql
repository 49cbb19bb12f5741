-- How long did contacts wait, period by period, by when they were queued?
-- Grain: one row per covered period.
with waited as (
    select
        period,
        count(*) as contacts,
        median(queued_to_fulfilled_seconds) as median_seconds,
        p90(queued_to_fulfilled_seconds) as p90_seconds,
        avg(queued_to_fulfilled_seconds) as average_seconds,
        sla_attainment_rate(seconds_within_or_over_sla) as sla_attainment_rate,
    from gladly_contacts
    group by all
)

select
    periods.period,
    coalesce(waited.contacts, 0) as contacts,
    waited.median_seconds as median_queued_to_fulfilled_seconds,
    waited.p90_seconds as p90_queued_to_fulfilled_seconds,
    waited.average_seconds as average_queued_to_fulfilled_seconds,
    waited.sla_attainment_rate,
from periods
left join waited on periods.period = waited.period
order by periods.period
