-- Which orders are behind the revenue, and which of the period is no message credited with?
-- Grain: one row per order or refund.
select
    row_id,
    ordered_at,
    order_id,
    customer_id,
    order_value,
    currency,
    channel,
    credited_message_id,
    queue,
    agent,
    message_sent_at,
    counted_at,
    counted_at_utc,
    exported_customer_id,
    clock_change,
    load_id,
    extra,
from lexer_orders_credited
