-- How many contacts were added, deleted, merged and connected?
-- Grain: one row.
-- A log that nothing in the range is loaded of has no figure; one that is loaded and empty has 0.
select
    case
        when (select count(*) filter (activity_of(kind) = 'ADDED') from periods_by_kind) > 0
            then count(*) filter (activity = 'ADDED')
    end as contacts_added,
    case
        when (select count(*) filter (activity_of(kind) = 'DELETED') from periods_by_kind) > 0
            then count(*) filter (activity = 'DELETED')
    end as contacts_deleted,
    case
        when (select count(*) filter (activity_of(kind) = 'MERGED') from periods_by_kind) > 0
            then count(*) filter (activity = 'MERGED')
    end as contacts_merged,
    case
        when (select count(*) filter (activity_of(kind) = 'CONNECTED') from periods_by_kind) > 0
            then count(*) filter (activity = 'CONNECTED')
    end as contacts_connected,
from respondio_contact_events
