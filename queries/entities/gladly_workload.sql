-- Contacts from when they were queued until they ended, and how much of that lies in the range.
-- Grain: one row per contact.
-- Only the quarters of an hour that count make up the range: a contact can be open between them.
-- One that ended before it began has no length, and stands at the moment at which it was queued.
-- One that has not ended is open, and nobody knows whether it still waits or is being served.
-- queued_seconds, served_seconds and until_seconds are moments on a clock that runs only while time
-- counts: between two of them is how long a contact waited, was served or was open in the range.
with clock as (
    select
        quarter_hour,
        min(starts_at) filter (is_counted) as starts_at,
        max(ends_at) filter (is_counted) as ends_at,
        sum(coalesce(sum(seconds) filter (is_counted), 0)) over (order by quarter_hour)
            - coalesce(sum(seconds) filter (is_counted), 0) as seconds_before,
    from quarter_hours
    group by quarter_hour
),

whole as (
    select
        min(starts_at) as begins_at,
        max(ends_at) filter (is_counted) as closes_at,
        coalesce(sum(seconds) filter (is_counted), 0) as counted_seconds,
    from quarter_hours
),

known as (
    select rows_of_load.load_id, greatest(max(last_moment), max(covered.to_utc)) as known_until
    from (
        select
            load_id,
            max(greatest(
                queued_at_utc, offered_at, accepted_at, fulfilled_at, due_at, ended_at, answered_at
            )) as last_moment,
        from gladly_contacts
        group by load_id
    ) as rows_of_load
    left join main.coverage as covered on rows_of_load.load_id = covered.load_id
    group by rows_of_load.load_id
),

lasting as (
    select
        contacts.*,
        ended_at as ended_at_utc,
        case when ended_at is not null then greatest(ended_at, queued_at_utc) end as until_utc,
        case
            when ended_at is null then null
            when direction = 'OUTBOUND' then queued_at_utc
            when fulfilled_at is null then greatest(ended_at, queued_at_utc)
            else greatest(least(fulfilled_at, ended_at), queued_at_utc)
        end as served_at_utc,
    from gladly_contacts as contacts
),

placed as (
    select
        lasting.*,
        whole.closes_at,
        whole.counted_seconds,
        coalesce(queued_at_utc >= queued.starts_at and queued_at_utc < queued.ends_at, false)
            as is_arrived,
        coalesce(until_utc >= ended.starts_at and until_utc < ended.ends_at, false) as is_ended,
        coalesce(
            queued_at_utc < whole.closes_at and coalesce(until_utc >= whole.closes_at, true), false
        ) as is_open,
        counted_until(
            queued_at_utc, queued.seconds_before, queued.starts_at, queued.ends_at,
            whole.begins_at, whole.counted_seconds
        ) as queued_seconds,
        case
            when served_at_utc is not null
                then counted_until(
                    served_at_utc, served.seconds_before, served.starts_at, served.ends_at,
                    whole.begins_at, whole.counted_seconds
                )
        end as served_seconds,
        counted_until(
            until_utc, ended.seconds_before, ended.starts_at, ended.ends_at,
            whole.begins_at, whole.counted_seconds
        ) as until_seconds,
    from lasting
    cross join whole
    left join clock as queued on quarter_hour_of(queued_at_utc) = queued.quarter_hour
    left join clock as served on quarter_hour_of(served_at_utc) = served.quarter_hour
    left join clock as ended on quarter_hour_of(until_utc) = ended.quarter_hour
)

select
    placed.* exclude (is_open, closes_at),
    case when is_open then 'YES' else 'NO' end as is_open_at_end,
    case when is_open then seconds_between(queued_at_utc, closes_at) end as open_for_seconds,
    case when is_open then age_of(seconds_between(queued_at_utc, closes_at)) end as age,
    until_seconds - queued_seconds as open_seconds,
    coalesce(served_seconds - queued_seconds, 0) as waiting_seconds,
    coalesce(until_seconds - served_seconds, 0) as in_service_seconds,
    is_arrived or is_ended or until_seconds > queued_seconds as is_in_range,
    until_utc is null and known.known_until < (select max(known_until) from known) as is_outdated,
    known.known_until as known_until,
from placed
left join known on placed.load_id = known.load_id
