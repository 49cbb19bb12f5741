-- How many contacts waited, and how many were in service, period by period?
-- Grain: one row per covered period.
-- Only contacts that have ended are known to wait or to be served.
select
    periods.period,
    ratio(sum(levels.waiting_seconds), sum(levels.seconds)) as average_waiting,
    ratio(sum(levels.in_service_seconds), sum(levels.seconds)) as average_in_service,
    max(levels.peak_waiting)::bigint as peak_waiting,
    max(levels.peak_in_service)::bigint as peak_in_service,
from periods
left join gladly_workload_levels as levels on periods.period = levels.period
group by all
order by periods.period
