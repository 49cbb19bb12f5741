-- Which message is each order credited to, among all messages sent in the period?
-- Grain: one row per order or refund that is credited to a message.
-- One pass for both touches: `place` runs forward in time for the last touch and backward for the
-- first, so that the nearest message at or before an order's place is the one.
-- Few moments of a customer have several messages, and only there their IDs are compared.
with sent as (
    select
        customer_key(customer_id) as customer_key,
        sent_at_utc,
        row_id,
        message_id,
    from lexer_messages_dated
    where status = 'SENT' and customer_id is not null
),

moments as (
    select
        customer_key,
        sent_at_utc,
        min(row_id) as row_id,
        count(*) as messages,
    from sent
    group by all
),

candidates as (
    select
        customer_key,
        sent_at_utc,
        row_id,
    from moments
    where messages = 1
    union all
    select
        sent.customer_key,
        sent.sent_at_utc,
        case any_value(rule.touch)
            when 'last' then arg_max(sent.row_id, sent.message_id)
            else arg_min(sent.row_id, sent.message_id)
        end,
    from sent
    semi join (from moments where messages > 1) as tied
        on sent.customer_key = tied.customer_key and sent.sent_at_utc = tied.sent_at_utc
    cross join chosen as rule
    group by sent.customer_key, sent.sent_at_utc
)

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
        customer_key(lexer_orders.customer_id) as customer_key,
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
        candidates.customer_key,
        candidates.sent_at_utc,
        candidates.row_id as message_row_id,
        window_end(candidates.sent_at_utc, rule.window_days) as ends_at,
        case rule.touch
            when 'last' then epoch_us(candidates.sent_at_utc)
            else epoch_us(candidates.sent_at_utc) * -1
        end as place,
    from candidates
    cross join chosen as rule
) as messages
    on orders.customer_key = messages.customer_key
    and messages.place <= orders.place
where orders.ordered_at >= messages.sent_at_utc
    and orders.ordered_at < messages.ends_at
