-- What happened to contacts, with the channel that those connected came in on.
-- Grain: one row per event.
-- The documented log of those connected has no channel: where no row of the period has one, what
-- connected them stands in its place.
select * replace (
    case
        when activity = 'CONNECTED' and not exists (
            from respondio_activities_dated
            where activity = 'CONNECTED' and channel is not null
        ) then source
        else channel
    end as channel
)
from respondio_activities
