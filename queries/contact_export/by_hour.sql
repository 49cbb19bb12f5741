-- At which hours of the week do contacts come in, and how long do they wait then?
-- Grain: one row per weekday (1 is Monday) and hour that the range covers.
with queued as (
    select
        weekday,
        hour,
        count(*) as contacts,
        median(queued_to_fulfilled_seconds) as median_queued_to_fulfilled_seconds,
    from gladly_contacts
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
    coalesce(queued.contacts, 0) as contacts,
    ratio(coalesce(queued.contacts, 0), occurred.occurrences) as contacts_per_occurrence,
    queued.median_queued_to_fulfilled_seconds,
from occurred
left join queued on occurred.weekday = queued.weekday and occurred.hour = queued.hour
order by occurred.weekday, occurred.hour
