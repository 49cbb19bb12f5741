-- How many conversations were opened and closed, period by period, each at its own date?
-- Grain: one row per covered period and state.
with happened as (
    select period, state, count(*) as conversations
    from respondio_conversation_moments
    where state in ('OPENED', 'CLOSED')
    group by all
),

states as (
    select unnest(['OPENED', 'CLOSED']) as state
)

select
    periods.period,
    states.state,
    coalesce(happened.conversations, 0) as conversations,
from periods
cross join states
left join happened
    on periods.period = happened.period
    and states.state = happened.state
order by periods.period, states.state desc
