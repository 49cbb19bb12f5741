-- How many requests were there period by period, and how many needed another one?
-- Grain: one row per covered period.
with placed as (
    select
        period,
        count(*) filter (not is_forward) as requests,
        count(*) filter (is_repeated) as repeated,
        ratio(
            count(*) filter (is_ripe and is_repeated), count(*) filter (is_ripe)
        ) as repeated_rate,
    from gladly_repeats
    group by all
)

select
    periods.period,
    coalesce(placed.requests, 0) as requests,
    coalesce(placed.repeated, 0) as repeated,
    placed.repeated_rate,
from periods
left join placed on periods.period = placed.period
order by periods.period
