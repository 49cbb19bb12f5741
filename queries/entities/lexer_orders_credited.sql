-- The orders that a message of the period is credited with, and those of the period that none is.
-- Grain: one row per order or refund.
-- An order counts when its message was sent; without one, when it was made.
select
    orders.*,
    messages.message_id as credited_message_id,
    messages.message_id,
    messages.queue,
    messages.agent,
    messages.sent_at_utc as message_sent_at,
    coalesce(messages.sent_at_utc, orders.ordered_at) as counted_at_utc,
    coalesce(messages.sent_at, orders.made_at) as counted_at,
from (
    select
        * exclude (ordered_at_local),
        ordered_at_local as made_at,
    from lexer_orders
) as orders
left join lexer_credits as credits
    on orders.row_id = credits.row_id
left join lexer_messages_dated as messages
    on credits.message_row_id = messages.row_id
