-- How long did conversations take until they were closed, period by period?
-- Grain: one row per covered period.
with resolved as (
    select
        period,
        median(resolution_seconds) as median_resolution_seconds,
        avg(resolution_seconds) as average_resolution_seconds,
        p90(resolution_seconds) as p90_resolution_seconds,
    from respondio_conversations
    group by all
)

select
    periods.period,
    resolved.median_resolution_seconds,
    resolved.average_resolution_seconds,
    resolved.p90_resolution_seconds,
from periods
left join resolved on periods.period = resolved.period
order by periods.period
