-- The contacts that came and went: those added, deleted and merged.
-- Grain: one row per event.
select *
from respondio_activities
where activity in ('ADDED', 'DELETED', 'MERGED')
