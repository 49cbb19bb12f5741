-- The messages of the period within whose window an order of their customer lies.
-- Grain: one row per order and message within whose window it lies, sent or not.
select
    orders.order_id,
    orders.ordered_at,
    messages.message_id,
    messages.sent_at,
    messages.sent_at_utc,
    messages.queue,
    messages.agent,
    messages.status,
    seconds_between(messages.sent_at_utc, orders.ordered_at) as before_order_seconds,
    case
        when credits.message_row_id = messages.row_id and rule.touch = 'last'
            then 'Credited: the last message before the order'
        when credits.message_row_id = messages.row_id
            then 'Credited: the first message whose window holds the order'
        when messages.status = 'SENT' and rule.touch = 'last' then 'Another message came later'
        when messages.status = 'SENT' then 'Another message came first'
        else 'Was not sent'
    end as outcome,
from lexer_orders as orders
cross join chosen as rule
join lexer_messages_dated as messages
    on orders.customer_id = messages.customer_id
    and orders.ordered_at >= messages.sent_at_utc
    and orders.ordered_at < window_end(messages.sent_at_utc, rule.window_days)
left join lexer_credits as credits
    on orders.row_id = credits.row_id
