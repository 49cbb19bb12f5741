-- The contacts that were merged.
-- Grain: one row per event.
select *
from respondio_contact_events
where activity = 'MERGED'
