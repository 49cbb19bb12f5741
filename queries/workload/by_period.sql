-- How much came, ended and was open, period by period?
-- Grain: one row per covered period.
select
    periods.period,
    sum(levels.arrived)::bigint as arrived,
    sum(levels.ended)::bigint as ended,
    arg_max(levels.open_at_end, levels.starts_at)::bigint as open_at_end,
    ratio(sum(levels.open_seconds), sum(levels.seconds)) as average_open,
    max(levels.peak_open)::bigint as peak_open,
from periods
left join gladly_workload_levels as levels on periods.period = levels.period
group by all
order by periods.period
