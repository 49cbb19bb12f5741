-- Who was assigned to contacts, and who was taken off them, with users under their names.
-- Grain: one row per assignment; an unassignment is one too.
-- The logs name a removed user by ID until a users export has the name; `exported_...` keep the ID.
with named as (
    select
        events.* exclude (
            timestamp, timestamp_local, previous_assignee, assigned_to, assigned_by, occurrence
        ),
        events.timestamp as timestamp_utc,
        events.timestamp_local as timestamp,
        coalesce(previous.name, events.previous_assignee) as previous_assignee,
        coalesce(assigned.name, events.assigned_to) as assigned_to,
        case
            when events.source = 'User' then coalesce(assigning.name, events.assigned_by)
        end as assigned_by,
        events.previous_assignee as exported_previous_assignee,
        events.assigned_to as exported_assigned_to,
        events.assigned_by as exported_assigned_by,
        previous.name as known_previous,
        assigned.name as known_assigned,
        case when events.source = 'User' then assigning.name end as known_assigning,
    from main.respondio_assignment_rows as events
    left join main.respondio_users as previous
        on events.previous_assignee = previous.user_id
    left join main.respondio_users as assigned
        on events.assigned_to = assigned.user_id
    left join main.respondio_users as assigning
        on events.assigned_by = assigning.user_id
)

select
    *,
    coalesce(previous_assignee <> assigned_to, false) as is_reassignment,
from named
