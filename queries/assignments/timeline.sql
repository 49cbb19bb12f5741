-- Who had a conversation, from when until when, and who gave it to them?
-- Grain: one row per assignment of the conversation, whatever the dates and other filters.
-- Nobody has had it since an unassignment; the last assignee has it still.
select
    conversation_id,
    timestamp as held_from,
    lead(timestamp) over held as held_until,
    assigned_to,
    previous_assignee,
    source,
    assigned_by,
    seconds_between(timestamp_utc, lead(timestamp_utc) over held) as held_seconds,
from respondio_assignments
window held as (
    partition by conversation_id
    order by timestamp_utc, position, row_id
)
order by conversation_id, timestamp_utc, position, row_id
