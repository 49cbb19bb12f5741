-- When conversations were opened, closed and first assigned, with names of users and channels.
-- Grain: one row per conversation and moment: it was opened, and once it was, that it was closed;
-- and one for who it was assigned to first, at the moment that places the conversation.
-- A row is found again by its row_id, which three moments of a conversation cannot share.
-- is_placed is true of the one moment that places the conversation, of the two that there are.
-- A name that several IDs have stands with the ID: they are several users, or channels.
-- Lists are grouped, though each ID stands in one once: so DuckDB knows that joins add no rows, and
-- leaves one out where nothing asks for the name.
with users as (
    select user_id, any_value(name) as name
    from (
        select
            user_id,
            case
                when count(*) over (partition by name) > 1 then name || ' (' || user_id || ')'
                else name
            end as name,
        from main.respondio_users
    )
    group by all
),

channels as (
    select channel_id, any_value(name) as name
    from (
        select
            channel_id,
            case
                when count(*) over (partition by name) > 1 then name || ' (' || channel_id || ')'
                else name
            end as name,
        from main.respondio_channels
    )
    group by all
),

named as (
    select
        rows.* exclude (
            assignee, closed_by, first_assignee, last_assignee, first_response_by, opened_channel
        ),
        coalesce(assigned.name, rows.assignee) as assignee,
        coalesce(closing.name, rows.closed_by) as closed_by,
        coalesce(first_one.name, rows.first_assignee) as first_assignee,
        coalesce(last_one.name, rows.last_assignee) as last_assignee,
        coalesce(responding.name, rows.first_response_by) as first_response_by,
        coalesce(channels.name, rows.opened_channel) as opened_channel,
        rows.assignee as exported_assignee,
        rows.closed_by as exported_closed_by,
        rows.first_assignee as exported_first_assignee,
        rows.last_assignee as exported_last_assignee,
        rows.first_response_by as exported_first_response_by,
        rows.opened_channel as exported_opened_channel,
        case
            when rows.first_response_seconds < 30 then '< 30 s'
            when rows.first_response_seconds < 120 then '30 s to 2 min'
            when rows.first_response_seconds < 300 then '2 to 5 min'
            when rows.first_response_seconds < 600 then '5 to 10 min'
            when rows.first_response_seconds < 1800 then '10 to 30 min'
            when rows.first_response_seconds < 3600 then '30 min to 1 h'
            when rows.first_response_seconds >= 3600 then '> 1 h'
        end as bucket,
    from main.respondio_conversation_rows as rows
    left join users as assigned on rows.assignee = assigned.user_id
    left join users as closing on rows.closed_by = closing.user_id
    left join users as first_one on rows.first_assignee = first_one.user_id
    left join users as last_one on rows.last_assignee = last_one.user_id
    left join users as responding on rows.first_response_by = responding.user_id
    left join channels on rows.opened_channel = channels.channel_id
),

moments as (
    select
        states.state,
        case states.state when 'OPENED' then 0 when 'ASSIGNED' then 1 else 2 end as place,
        states.state = upper(chosen.by) as is_placed,
        coalesce(nullif(states.state, 'ASSIGNED'), upper(chosen.by)) = 'OPENED' as is_at_start,
    from (select unnest(['OPENED', 'CLOSED', 'ASSIGNED']) as state) as states
    cross join chosen
)

select
    named.* exclude (row_id),
    named.row_id * 3 + moments.place as row_id,
    moments.state,
    moments.is_placed,
    case when moments.state = 'ASSIGNED' then named.first_assignee else named.closed_by end
        as user,
    named.closed_by_team as team,
    case when moments.is_at_start then named.started_at_local else named.resolved_at_local end
        as placed_at,
    case when moments.is_at_start then named.started_at else named.resolved_at end
        as placed_at_utc,
from named
cross join moments
where moments.is_at_start or named.resolved_at is not null
