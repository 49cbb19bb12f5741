-- The calls that came in by phone, up to the end of the range: what staffing is planned from.
-- Grain: one row per call.
-- The last six weeks end with the last covered half hour of the range; in wall time every half hour
-- of the week stands in them six times.
-- A call waited until it was fulfilled or, when it never was, until it ended.
select
    calls.*,
    handled_seconds(total_contact_handle_seconds, contact_handle_seconds, after_contact_seconds)
        as handled_seconds,
    greatest(coalesce(queued_to_fulfilled_seconds, queued_to_ended_seconds), 0) as waited_seconds,
    calls.queued_at_utc >= recent.since as is_recent,
from gladly_contacts as calls
cross join (
    select min(starts_at) as since
    from quarter_hours
    where is_covered
        and half_hour_start > (
            select max(half_hour_start) from quarter_hours where is_covered
        ) - interval 42 days
) as recent
where direction = 'INBOUND' and channel = 'PHONE_CALL'
