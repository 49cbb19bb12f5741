-- How many contacts are open, waiting and in service in each quarter of an hour that counts?
-- Grain: one row per quarter of an hour.
-- A sweep over the moments at which contacts come, are served and end, with one of no change where
-- each quarter begins: a level is the sum of all changes until then, and what happens in one moment
-- happens together. The first of the highest levels is that of the largest number that is made of a
-- level and, taken off, how long after the beginning it comes.
with counted as (
    select
        quarter_hour,
        starts_at,
        ends_at,
        seconds,
        period,
        weekday,
        half_hour,
        half_hour_start,
    from quarter_hours
    where is_counted
),

moments as (
    select
        queued_at_utc as happened_at,
        1 as arrived,
        0 as ended,
        1 as opened,
        case when served_at_utc > queued_at_utc then 1 else 0 end as waiting,
        case when served_at_utc = queued_at_utc then 1 else 0 end as in_service,
    from gladly_workload
    union all
    select
        served_at_utc,
        0,
        0,
        0,
        -1,
        1,
    from gladly_workload
    where served_at_utc > queued_at_utc
    union all
    select
        until_utc,
        0,
        1,
        -1,
        0,
        -1,
    from gladly_workload
    where until_utc is not null
),

placed as (
    select
        counted.starts_at,
        counted.ends_at,
        moments.happened_at,
        moments.arrived,
        moments.ended,
        moments.opened,
        moments.waiting,
        moments.in_service,
    from moments
    left join counted
        on quarter_hour_of(moments.happened_at) = counted.quarter_hour
        and moments.happened_at >= counted.starts_at
        and moments.happened_at < counted.ends_at
    union all
    select
        starts_at,
        ends_at,
        starts_at,
        0,
        0,
        0,
        0,
        0,
    from counted
),

running as (
    select
        starts_at,
        happened_at,
        arrived,
        ended,
        opened,
        waiting,
        in_service,
        seconds_between(happened_at, ends_at) as left_seconds,
        epoch_us(happened_at) - epoch_us(starts_at) as past_microseconds,
        sum(opened) over so_far as open_level,
        sum(waiting) over so_far as waiting_level,
        sum(in_service) over so_far as in_service_level,
    from placed
    window so_far as (order by happened_at)
),

swept as (
    select
        starts_at,
        sum(arrived)::bigint as arrived,
        sum(ended)::bigint as ended,
        arg_max(open_level, happened_at)::bigint as open_at_end,
        max(open_level)::bigint as peak_open,
        max(waiting_level)::bigint as peak_waiting,
        max(in_service_level)::bigint as peak_in_service,
        max(open_level * 1000000000 - past_microseconds)::bigint as first_peak,
        arg_max(open_level, happened_at) - sum(opened) as open_before,
        arg_max(waiting_level, happened_at) - sum(waiting) as waiting_before,
        arg_max(in_service_level, happened_at) - sum(in_service) as in_service_before,
        sum(opened * left_seconds) as open_seconds,
        sum(waiting * left_seconds) as waiting_seconds,
        sum(in_service * left_seconds) as in_service_seconds,
    from running
    where starts_at is not null
    group by starts_at
)

select
    counted.quarter_hour,
    counted.starts_at,
    counted.ends_at,
    counted.seconds,
    counted.period,
    counted.weekday,
    counted.half_hour,
    counted.half_hour_start,
    swept.arrived,
    swept.ended,
    swept.open_at_end,
    swept.peak_open,
    make_timestamp(
        epoch_us(counted.starts_at) + swept.peak_open * 1000000000 - swept.first_peak
    ) as peak_at,
    swept.peak_waiting,
    swept.peak_in_service,
    swept.open_before * counted.seconds + swept.open_seconds as open_seconds,
    swept.waiting_before * counted.seconds + swept.waiting_seconds as waiting_seconds,
    swept.in_service_before * counted.seconds + swept.in_service_seconds as in_service_seconds,
from counted
inner join swept on counted.starts_at = swept.starts_at
