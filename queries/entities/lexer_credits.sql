-- Which message is each order credited to, among all messages sent in the period?
-- Grain: one row per order or refund that is credited to a message.
-- One pass for both touches: `place` runs forward in time for the last touch and backward for the
-- first, so that the nearest message at or before an order's place is the one.
-- Few moments of a customer have several messages, and only there their IDs are compared.
-- No asof join, which not every engine has: messages and orders stand in one line, and a window
-- looks back.
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
),

placed as (
    select
        candidates.customer_key,
        case rule.touch
            when 'last' then epoch_us(candidates.sent_at_utc)
            else epoch_us(candidates.sent_at_utc) * -1
        end as place,
        false as is_order,
        candidates.row_id,
        candidates.sent_at_utc,
        window_end(candidates.sent_at_utc, rule.window_days) as ends_at,
        null::timestamp as ordered_at,
        null::double as order_value,
        null::varchar as currency,
        null::boolean as is_purchase,
    from candidates
    cross join chosen as rule
    union all
    select
        customer_key(lexer_orders.customer_id) as customer_key,
        case rule.touch
            when 'last' then epoch_us(lexer_orders.ordered_at)
            else epoch_us(lexer_orders.ordered_at - to_days(rule.window_days)) * -1 - 1
        end as place,
        true as is_order,
        lexer_orders.row_id,
        null::timestamp as sent_at_utc,
        null::timestamp as ends_at,
        lexer_orders.ordered_at,
        lexer_orders.order_value,
        lexer_orders.currency,
        lexer_orders.is_purchase,
    from lexer_orders
    cross join chosen as rule
    where lexer_orders.customer_id is not null
        and lexer_orders.ordered_at >= (select min(sent_at_utc) from lexer_messages_dated)
        and lexer_orders.ordered_at < (
            select window_end(max(sent_at_utc), any_value(rule.window_days))
            from lexer_messages_dated
            cross join chosen as rule
        )
),

beside as (
    select
        row_id,
        customer_key,
        is_order,
        ordered_at,
        order_value,
        currency,
        is_purchase,
        last_value(case when not is_order then row_id end ignore nulls) over nearest
            as message_row_id,
        last_value(sent_at_utc ignore nulls) over nearest as sent_at_utc,
        last_value(ends_at ignore nulls) over nearest as ends_at,
    from placed
    window nearest as (
        partition by customer_key
        order by place, is_order
        rows between unbounded preceding and current row
    )
)

select
    row_id,
    customer_key,
    ordered_at,
    order_value,
    currency,
    is_purchase,
    message_row_id,
from beside
where is_order
    and ordered_at >= sent_at_utc
    and ordered_at < ends_at
