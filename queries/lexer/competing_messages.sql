-- Which messages competed for an order, and why did one win?
-- Grain: one row per order and message within whose window it lies, sent or not.
select
    order_id,
    ordered_at,
    sent_at,
    message_id,
    queue,
    agent,
    status,
    before_order_seconds,
    outcome,
from lexer_order_candidates
order by ordered_at, order_id, sent_at_utc, message_id
