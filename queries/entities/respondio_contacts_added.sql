-- The contacts that were added.
-- Grain: one row per event.
select *
from respondio_contact_events
where activity = 'ADDED'
