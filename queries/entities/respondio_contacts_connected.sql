-- The contacts that were connected.
-- Grain: one row per event.
select *
from respondio_contact_events
where activity = 'CONNECTED'
