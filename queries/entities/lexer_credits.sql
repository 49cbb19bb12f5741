-- Which message is each order credited to, among all messages sent in the period?
-- Grain: one row per order or refund that is credited to a message.
-- One pass for both touches: `place` runs forward in time for the last touch and backward for the
-- first, so that the nearest message at or before an order's place is the one.
-- Customers are compared by 64-bit hash: text takes twice as long.
select
    orders.row_id,
    orders.customer_key,
    orders.ordered_at,
    orders.order_value,
    orders.currency,
    orders.is_purchase,
    messages.message_row_id,
from (
    select
        lexer_orders.row_id,
        lexer_orders.ordered_at,
        lexer_orders.order_value,
        lexer_orders.currency,
        lexer_orders.is_purchase,
        hash(lexer_orders.customer_id) as customer_key,
        case rule.touch
            when 'last' then epoch_us(lexer_orders.ordered_at)
            else epoch_us(lexer_orders.ordered_at - to_days(rule.window_days)) * -1 - 1
        end as place,
    from lexer_orders
    cross join chosen as rule
    where lexer_orders.customer_id is not null
        and lexer_orders.ordered_at >= (select min(sent_at_utc) from lexer_messages_dated)
        and lexer_orders.ordered_at < (
            select window_end(max(sent_at_utc), any_value(rule.window_days))
            from lexer_messages_dated
            cross join chosen as rule
        )
) as orders
asof join (
    select
        moments.customer_key,
        moments.sent_at_utc,
        case rule.touch
            when 'last' then moments.last_row_id
            else moments.first_row_id
        end as message_row_id,
        window_end(moments.sent_at_utc, rule.window_days) as ends_at,
        case rule.touch
            when 'last' then epoch_us(moments.sent_at_utc)
            else epoch_us(moments.sent_at_utc) * -1
        end as place,
    from (
        select
            hash(customer_id) as customer_key,
            sent_at_utc,
            arg_max(row_id, message_id) as last_row_id,
            arg_min(row_id, message_id) as first_row_id,
        from lexer_messages_dated
        where status = 'SENT' and customer_id is not null
        group by all
    ) as moments
    cross join chosen as rule
) as messages
    on orders.customer_key = messages.customer_key
    and messages.place <= orders.place
where orders.ordered_at >= messages.sent_at_utc
    and orders.ordered_at < messages.ends_at
