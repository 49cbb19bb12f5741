-- The contacts that were deleted.
-- Grain: one row per event.
select *
from respondio_activities
where activity = 'DELETED'
