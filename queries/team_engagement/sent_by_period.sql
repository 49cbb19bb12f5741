-- How many messages did each person send, period by period?
-- Grain: one row per covered period and agent of the range; the missing agent is one of them.
with sent as (
    select
        period,
        agent,
        count(*) filter (status = 'SENT') as messages_sent,
    from lexer_messages
    group by all
),

agents as (
    select distinct agent
    from sent
    where messages_sent > 0
)

select
    periods.period,
    agents.agent,
    coalesce(sent.messages_sent, 0) as messages_sent,
from periods
cross join agents
left join sent
    on periods.period = sent.period
    and agents.agent is not distinct from sent.agent
order by periods.period, agents.agent nulls last
