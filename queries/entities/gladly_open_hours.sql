-- When is each calendar open?
-- Grain: one row per calendar and part of a day of UTC in which it is open, or closed, throughout.
-- Hours belong to the day on which they begin, also past midnight: on a holiday none begin. While
-- a zone has one offset, its clocks are read as they are: what lies in an hour that comes twice is
-- open twice, and what lies in one that is skipped is not there. Hours that overlap are open once.
with bounds as (
    select
        min(queued_at) as first_at,
        max(greatest(queued_at, fulfilled_at)) + interval 1 day as last_at,
    from main.gladly_contact_export
),

stretches as (
    select
        clock,
        shift,
        greatest(from_utc, first_at) as begins_at,
        least(to_utc, last_at) as stops_at,
    from calendar_clocks
    cross join bounds
    where from_utc < last_at and to_utc > first_at
),

days as (
    select
        clock,
        shift,
        begins_at,
        stops_at,
        unnest(range(
            date_trunc('day', begins_at + to_minutes(shift))::timestamp - interval 1 day,
            stops_at + to_minutes(shift),
            interval 1 day
        )) as day,
    from stretches
),

opened as (
    select
        hours.calendar,
        greatest(days.day + to_minutes(hours.opens - days.shift), days.begins_at) as opens_at,
        least(days.day + to_minutes(hours.closes - days.shift), days.stops_at) as closes_at,
    from days
    inner join calendar_hours as hours
        on days.clock = hours.clock and isodow(days.day) = hours.weekday
    left join calendar_holidays as holidays
        on hours.calendar = holidays.calendar and days.day = holidays.day
    where holidays.day is null
),

turns as (
    select
        calendar,
        opens_at as turns_at,
        1 as opened,
    from opened
    where opens_at < closes_at
    union all
    select
        calendar,
        closes_at,
        -1,
    from opened
    where opens_at < closes_at
    union all
    select
        calendar,
        unnest(range(
            date_trunc('day', first_at)::timestamp, last_at + interval 1 day, interval 1 day
        )),
        0,
    from (select distinct calendar from calendar_hours) as calendars
    cross join bounds
),

parts as (
    select
        calendar,
        turns_at as starts_at,
        lead(turns_at) over (partition by calendar order by turns_at) as ends_at,
        sum(sum(opened)) over (partition by calendar order by turns_at) > 0 as is_open,
    from turns
    group by calendar, turns_at
),

lengths as (
    select
        calendar,
        starts_at,
        ends_at,
        is_open,
        case when is_open then epoch_us(ends_at) - epoch_us(starts_at) else 0 end as microseconds,
    from parts
    where ends_at is not null
)

select
    calendar,
    utc_day_of(starts_at) as day,
    starts_at,
    ends_at,
    is_open,
    (sum(microseconds) over (partition by calendar order by starts_at) - microseconds)::bigint
        as microseconds_before,
from lengths
