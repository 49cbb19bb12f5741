-- Which message is each order credited to, among all messages sent in the period?
-- Grain: one row per order or refund that is credited to a message.
-- One pass for both touches: `place` runs forward in time for the last touch and backward for the
-- first, so that the nearest message at or before an order's place is the one.
-- Customers are compared by 64-bit hash: text takes twice as long.
select
    orders.row_id,
    messages.message_row_id,
    orders.order_value,
    orders.currency,
from (
    select
        lexer_orders.row_id,
        lexer_orders.ordered_at,
        lexer_orders.order_value,
        lexer_orders.currency,
        hash(lexer_orders.customer_id) as customer_key,
        case rule.touch
            when 'last' then epoch_us(lexer_orders.ordered_at)
            else epoch_us(lexer_orders.ordered_at - to_days(rule.window_days)) * -1 - 1
        end as place,
    from lexer_orders
    cross join attribution as rule
    where lexer_orders.customer_id is not null
) as orders
asof join (
    select
        hash(sent.customer_id) as customer_key,
        sent.sent_at_utc,
        any_value(window_end(sent.sent_at_utc, rule.window_days)) as ends_at,
        case any_value(rule.touch)
            when 'last' then arg_max(sent.row_id, sent.message_id)
            else arg_min(sent.row_id, sent.message_id)
        end as message_row_id,
        case any_value(rule.touch)
            when 'last' then epoch_us(sent.sent_at_utc)
            else epoch_us(sent.sent_at_utc) * -1
        end as place,
    from lexer_messages_dated as sent
    cross join attribution as rule
    where sent.status = 'SENT' and sent.customer_id is not null
    group by customer_key, sent.sent_at_utc
) as messages
    on orders.customer_key = messages.customer_key
    and messages.place <= orders.place
where orders.ordered_at >= messages.sent_at_utc
    and orders.ordered_at < messages.ends_at
