-- At which hours of the week are conversations placed?
-- Grain: one row per weekday (1 is Monday) and hour that the range covers.
with placed as (
    select weekday, hour, count(*) as conversations
    from respondio_conversations
    group by all
),

occurred as (
    select isodow(hour_start) as weekday, hour(hour_start) as hour, count(*) as occurrences
    from hours
    group by all
)

select
    occurred.weekday,
    occurred.hour,
    ratio(coalesce(placed.conversations, 0), occurred.occurrences)
        as conversations_per_occurrence,
from occurred
left join placed on occurred.weekday = placed.weekday and occurred.hour = placed.hour
order by occurred.weekday, occurred.hour
