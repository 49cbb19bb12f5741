-- Which contacts were connected?
-- Grain: one row per event.
select
    row_id,
    timestamp,
    contact_id,
    contact_name,
    source,
    user,
    channel,
    exported_user,
    known_user,
    timestamp_utc,
    clock_change,
    load_id,
    extra,
from respondio_contacts_connected
