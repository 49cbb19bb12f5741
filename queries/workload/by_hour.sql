-- At which half hours of the week do contacts come, and how many are open then?
-- Grain: one row per weekday (1 is Monday) and half hour that the range covers.
select
    weekday,
    half_hour,
    ratio(sum(arrived), count(distinct half_hour_start)) as arrived_per_occurrence,
    ratio(sum(open_seconds), sum(seconds)) as average_open,
    max(peak_open)::bigint as peak_open,
from gladly_workload_levels
group by all
order by weekday, half_hour
