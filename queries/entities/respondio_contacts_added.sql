-- The contacts that were added.
-- Grain: one row per event.
select *
from respondio_activities
where activity = 'ADDED'
