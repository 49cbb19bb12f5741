-- Which messages are behind the figures?
-- Grain: one row per message of the period, sent or not.
select
    row_id,
    sent_at,
    message_id,
    customer_id,
    queue,
    agent,
    status,
    channel,
    orders_credited,
    revenue_credited,
    has_ordered,
    is_maturing,
    sent_at_utc,
    exported_customer_id,
    clock_change,
    load_id,
    extra,
from lexer_messages_credited
