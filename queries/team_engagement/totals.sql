-- How many people wrote to customers, and what did each message bring in?
-- Grain: one row.
select
    count(distinct agent) filter (status = 'SENT') as active_users,
    ratio(
        revenue(revenue_credited, revenue_orders), count(*) filter (status = 'SENT')
    ) as revenue_per_message,
from lexer_messages_credited
