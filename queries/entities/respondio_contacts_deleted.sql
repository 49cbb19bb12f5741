-- The contacts that were deleted.
-- Grain: one row per event.
select *
from respondio_contact_events
where activity = 'DELETED'
