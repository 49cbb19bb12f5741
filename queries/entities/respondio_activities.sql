-- What happened to contacts: who was added, connected, deleted and merged, how and by which user.
-- Grain: one row per event.
-- The logs name a removed user by ID until a users export has the name; `exported_user` keeps it.
select
    events.* exclude (timestamp, timestamp_local, user_name, occurrence, position),
    events.timestamp as timestamp_utc,
    events.timestamp_local as timestamp,
    case when events.source = 'User' then coalesce(users.name, events.user_name) end as user,
    events.user_name as exported_user,
    case when events.source = 'User' then users.name end as known_user,
from main.respondio_activity_log as events
left join main.respondio_users as users
    on events.user_name = users.user_id
