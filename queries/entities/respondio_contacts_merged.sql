-- The contacts that were merged.
-- Grain: one row per event.
select *
from respondio_activities
where activity = 'MERGED'
