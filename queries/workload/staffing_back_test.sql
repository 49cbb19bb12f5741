-- How far off would the forecast of calls have been in the weeks that are loaded?
-- Grain: one row.
-- Every half hour whose six weeks before are loaded is forecast from these, and from the last one.
-- What is off is added up and divided by the calls (WAPE), so that half hours without a call can be
-- counted; within a day too much and too little make up for each other.
with half_hours as (
    select half_hour_start
    from quarter_hours
    where is_counted
    group by all
),

counted as (
    select
        half_hours.half_hour_start,
        count(calls.queued_at)::double as calls,
    from half_hours
    left join gladly_calls as calls
        on half_hours.half_hour_start = half_hour_start_of(calls.queued_at)
    group by all
),

forecast as (
    select
        counted.half_hour_start,
        counted.calls,
        median(earlier.calls) as by_six_weeks,
        max(case when weeks.week = 1 then earlier.calls end) as by_last_week,
    from counted
    cross join (select unnest(range(1, 7, 1)) as week) as weeks
    inner join counted as earlier
        on counted.half_hour_start - to_days((7 * weeks.week)::integer) = earlier.half_hour_start
    group by all
    having count(*) = 6
),

by_day as (
    select
        date_trunc('day', half_hour_start) as day,
        count(*) as half_hours,
        sum(calls) as calls,
        sum(abs(by_six_weeks - calls)) as off_by_six_weeks,
        sum(abs(by_last_week - calls)) as off_by_last_week,
        abs(sum(by_six_weeks - calls)) as day_off_by_six_weeks,
        abs(sum(by_last_week - calls)) as day_off_by_last_week,
    from forecast
    group by all
)

select
    coalesce(sum(half_hours), 0)::bigint as half_hours_forecast,
    ratio(sum(off_by_six_weeks), sum(calls)) as half_hour_error_rate,
    ratio(sum(off_by_last_week), sum(calls)) as half_hour_error_rate_last_week,
    ratio(sum(day_off_by_six_weeks), sum(calls)) as day_error_rate,
    ratio(sum(day_off_by_last_week), sum(calls)) as day_error_rate_last_week,
from by_day
order by half_hours_forecast
