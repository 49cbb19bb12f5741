-- How many assignments were there, how many of them to nobody or to somebody else, and of whom?
-- Grain: one row.
select
    count(*) as assignments,
    count(*) filter (assigned_to is null) as unassignments,
    count(*) filter (is_reassignment) as reassignments,
    count(distinct contact_id) as contacts,
    count(distinct conversation_id) as conversations,
from respondio_assignments
