-- How many messages were sent, period by period? Covered periods without any are zero.
-- Grain: one row per covered period.
with sent as (
    select
        period,
        count(*) filter (status = 'SENT') as messages_sent,
    from lexer_messages
    group by all
)

select
    periods.period,
    coalesce(sent.messages_sent, 0) as messages_sent,
from periods
left join sent on periods.period = sent.period
order by periods.period
