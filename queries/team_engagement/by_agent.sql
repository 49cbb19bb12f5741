-- Which agents send messages, and what do they bring in?
-- Grain: one row per agent with at least one message sent; the missing value is a row of its own.
-- An agent without a message sent has no revenue: only sent messages are credited.
select
    agent,
    count(*) filter (status = 'SENT') as messages_sent,
    count(*) filter (status = 'SKIPPED') as messages_skipped,
    revenue(revenue_credited, revenue_orders) as revenue_generated,
    ratio(
        revenue(revenue_credited, revenue_orders), count(*) filter (status = 'SENT')
    ) as revenue_per_message,
    conversion_rate(customer_id, status, has_ordered) as conversion_rate,
from lexer_messages_credited
group by all
having messages_sent > 0
order by messages_sent desc, agent nulls last
