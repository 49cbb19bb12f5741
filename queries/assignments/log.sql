-- Which assignments are behind the figures?
-- Grain: one row per assignment.
-- The vendor shows a contact that nobody had before with a dash.
select
    row_id,
    timestamp,
    conversation_id,
    contact_id,
    contact_name,
    coalesce(previous_assignee, '-') as previous_assignee,
    assigned_to,
    source,
    assigned_by,
    exported_previous_assignee,
    exported_assigned_to,
    exported_assigned_by,
    known_previous,
    known_assigned,
    known_assigning,
    case when previous_assignee is null then '-' end as nobody_before,
    timestamp_utc,
    clock_change,
    load_id,
    extra,
from respondio_assignments
