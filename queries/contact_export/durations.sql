-- How long does each part of a contact take? First the wait, in calendar and in business hours.
-- Grain: one row per duration of the export.
with summarised as (
    select
        duration,
        count(seconds) as n,
        min(seconds) as min,
        quantile_cont(seconds, [0.5, 0.75, 0.9, 0.95]) as quantiles,
        max(seconds) as max,
        avg(seconds) as average,
    from gladly_contacts unpivot include nulls (
        seconds for duration in (
            sla_target_seconds,
            queued_to_fulfilled_seconds,
            queued_to_fulfilled_within_business_hours_seconds,
            queued_to_accepted_seconds,
            queued_to_ended_seconds,
            accepted_to_fulfilled_seconds,
            seconds_within_or_over_sla,
            fulfilled_to_ended_seconds,
            contact_handle_seconds,
            after_contact_seconds,
            total_contact_handle_seconds,
            talk_seconds,
            hold_total_seconds,
            hold_manual_seconds,
            hold_warm_transfer_seconds,
            hold_cold_transfer_seconds,
            hold_conference_seconds,
            average_agent_reply_seconds,
            average_customer_reply_seconds
        )
    )
    group by all
)

select
    duration,
    n,
    min,
    quantiles[1] as median,
    quantiles[2] as p75,
    quantiles[3] as p90,
    quantiles[4] as p95,
    max,
    average,
from summarised
order by duration not like 'queued_to_fulfilled%', n desc, duration
