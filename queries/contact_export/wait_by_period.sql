-- How long did contacts wait, period by period, by when they were queued?
-- Grain: one row per covered period.
with waited as (
    select
        period,
        count(*) as contacts,
        median(queued_to_fulfilled_seconds) as median_queued_to_fulfilled_seconds,
        p90(queued_to_fulfilled_seconds) as p90_queued_to_fulfilled_seconds,
        avg(queued_to_fulfilled_seconds) as average_queued_to_fulfilled_seconds,
        sla_attainment_rate(seconds_within_or_over_sla) as sla_attainment_rate,
        median(business_wait_seconds) as median_business_wait_seconds,
        p90(business_wait_seconds) as p90_business_wait_seconds,
        avg(business_wait_seconds) as average_business_wait_seconds,
        median(queued_to_fulfilled_within_business_hours_seconds)
            as median_exported_business_wait_seconds,
        avg(queued_to_fulfilled_within_business_hours_seconds)
            as average_exported_business_wait_seconds,
    from gladly_contacts
    group by all
)

select
    periods.period,
    coalesce(waited.contacts, 0) as contacts,
    waited.median_queued_to_fulfilled_seconds,
    waited.p90_queued_to_fulfilled_seconds,
    waited.average_queued_to_fulfilled_seconds,
    waited.sla_attainment_rate,
    waited.median_business_wait_seconds,
    waited.p90_business_wait_seconds,
    waited.average_business_wait_seconds,
    waited.median_exported_business_wait_seconds,
    waited.average_exported_business_wait_seconds,
from periods
left join waited on periods.period = waited.period
order by periods.period
