-- How much came, how much ended, and how much was open?
-- Grain: one row.
-- Nothing that comes to what is open at the first peak: a level is no sum of rows.
with found as (
    select
        count(*) filter (is_arrived) as arrived,
        count(*) filter (is_ended) as ended,
        count(*) filter (is_open_at_end = 'YES') as open_at_end,
        ratio(sum(open_seconds), max(counted_seconds)) as average_open,
        max(open_for_seconds) as oldest_open_seconds,
    from gladly_workload
),

swept as (
    select
        max(peak_open)::bigint as peak_open,
        ratio(sum(open_seconds), sum(seconds)) as average_open,
    from gladly_workload_levels
)

select
    found.arrived,
    found.ended,
    found.open_at_end,
    swept.peak_open,
    swept.average_open,
    found.oldest_open_seconds,
from found
cross join swept
