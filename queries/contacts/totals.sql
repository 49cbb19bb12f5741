-- How many contacts were added, deleted, merged and connected?
-- Grain: one row.
-- A log that nothing in the range is loaded of has no figure; one that is loaded and empty has 0.
with loaded as (
    select distinct activity_of(kind) as activity
    from periods_by_kind
),

counted as (
    select loaded.activity, count(respondio_contact_events.row_id) as contacts
    from loaded
    left join respondio_contact_events on loaded.activity = respondio_contact_events.activity
    group by all
)

select
    any_value(contacts) filter (activity = 'ADDED') as contacts_added,
    any_value(contacts) filter (activity = 'DELETED') as contacts_deleted,
    any_value(contacts) filter (activity = 'MERGED') as contacts_merged,
    any_value(contacts) filter (activity = 'CONNECTED') as contacts_connected,
from counted
