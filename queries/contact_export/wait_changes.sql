-- Which entry points or inboxes made the average wait longer or shorter than in the range before?
-- Grain: one row per value of the tile's dimensions; missing ones are rows of their own.
-- Without a range before, its figures are missing; a row that it lacks had no contacts then.
with waited as (
    select
        {dimensions},
        true as is_now,
        queued_to_fulfilled_seconds as wait,
        null as earlier_wait,
    from gladly_contacts
    union all
    select
        {dimensions},
        false as is_now,
        null as wait,
        queued_to_fulfilled_seconds as earlier_wait,
    from gladly_contacts_before
),

grouped as (
    select
        {dimensions},
        count(*) filter (is_now) as contacts,
        count(*) filter (not is_now) as earlier_contacts,
        count(wait) as waits,
        count(earlier_wait) as earlier_waits,
        median(wait) as median,
        median(earlier_wait) as earlier_median,
        p90(wait) as p90,
        p90(earlier_wait) as earlier_p90,
        avg(wait) as average,
        avg(earlier_wait) as earlier_average,
    from waited
    group by all
),

overall as (
    select
        count(wait) as all_waits,
        count(earlier_wait) as all_earlier_waits,
        avg(wait) as overall,
        avg(earlier_wait) as earlier_overall,
        (select count(*) from periods_before) > 0 as is_compared,
    from waited
)

select
    {dimensions},
    contacts,
    case when is_compared then earlier_contacts end as contacts_before,
    contacts - contacts_before as contacts_change,
    median as median_queued_to_fulfilled_seconds,
    earlier_median as median_queued_to_fulfilled_seconds_before,
    median - earlier_median as median_queued_to_fulfilled_seconds_change,
    p90 as p90_queued_to_fulfilled_seconds,
    earlier_p90 as p90_queued_to_fulfilled_seconds_before,
    p90 - earlier_p90 as p90_queued_to_fulfilled_seconds_change,
    average as average_queued_to_fulfilled_seconds,
    earlier_average as average_queued_to_fulfilled_seconds_before,
    average - earlier_average as average_queued_to_fulfilled_seconds_change,
    mix_effect(
        ratio(earlier_waits, all_earlier_waits), ratio(waits, all_waits),
        earlier_average, average, earlier_overall, overall
    ) as mix_seconds,
    rate_effect(
        ratio(earlier_waits, all_earlier_waits), ratio(waits, all_waits), earlier_average, average
    ) as rate_seconds,
    mix_seconds + rate_seconds as contribution_seconds,
from grouped
cross join overall
order by contribution_seconds desc nulls last, contacts desc, {dimensions}
