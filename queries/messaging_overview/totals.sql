-- How many messages went out, to how many customers, and what came of them?
-- Grain: one row.
select
    count(*) filter (status = 'SENT') as messages_sent,
    case
        when count(*) = 0 then (select no_revenue from lexer_attribution)
        else revenue(revenue_credited, revenue_orders)
    end as revenue_generated,
    conversion_rate(customer_id, status, has_ordered) as conversion_rate,
    customers_messaged(customer_id, status) as customers_messaged,
from lexer_messages_credited
