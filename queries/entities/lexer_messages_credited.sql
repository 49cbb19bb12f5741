-- The messages of the period with the orders that each is credited with.
-- Grain: one row per message of the period, sent or not.
-- has_ordered asks for any purchase of the customer within the message's own window, whichever
-- message it is credited to; such a purchase is credited to one, so only those need a look.
-- While no orders are loaded, nothing is known of them; nor is revenue where no order that counts
-- for it (one of the chosen currency) has a value.
select
    messages.*,
    case when rule.are_orders_loaded then coalesce(credits.orders_credited, 0) end
        as orders_credited,
    case
        when rule.are_orders_loaded and not rule.is_money_mixed
            then case when credits.revenue_orders > 0 then round(credits.revenue, 4) else 0 end
    end as revenue_credited,
    case when rule.are_orders_loaded then coalesce(credits.revenue_orders, 0) end
        as revenue_orders,
    coalesce(credits.purchases, 0) as purchases_credited,
    window_end(messages.sent_at_utc, rule.window_days) as window_ends_at,
    case when rule.are_orders_loaded then followed.row_id is not null end as has_ordered,
    messages.status = 'SENT' and coalesce(rule.last_ordered_at < window_ends_at, true)
        as is_maturing,
from lexer_messages_dated as messages
cross join lexer_attribution as rule
left join (
    select
        message_row_id,
        count(*) as orders_credited,
        count(*) filter (is_purchase) as purchases,
        count(*) filter (counts_for_revenue) as revenue_orders,
        fsum(order_value) filter (counts_for_revenue) as revenue,
    from (
        select
            lexer_credits.message_row_id,
            lexer_credits.order_value,
            lexer_credits.is_purchase,
            chosen.currency is null
                or list_contains(chosen.currency, coalesce(lexer_credits.currency, ''))
                as counts_for_revenue,
        from lexer_credits
        cross join chosen
    )
    group by all
) as credits
    on messages.row_id = credits.message_row_id
left join (
    select beside.row_id
    from (
        select
            row_id,
            happened_at,
            min(ordered_at) over (
                partition by customer_key
                order by happened_at desc, is_sent
                rows between unbounded preceding and current row
            ) as next_ordered_at,
        from (
            select
                row_id,
                customer_key(customer_id) as customer_key,
                sent_at_utc as happened_at,
                null::timestamp as ordered_at,
                true as is_sent,
            from lexer_messages_dated
            where status = 'SENT' and customer_id is not null
            union all
            select
                null::bigint as row_id,
                customer_key,
                ordered_at as happened_at,
                ordered_at,
                false as is_sent,
            from lexer_credits
            where is_purchase
        ) as happened
    ) as beside
    cross join chosen
    where beside.row_id is not null
        and beside.next_ordered_at < window_end(beside.happened_at, chosen.window_days)
) as followed
    on messages.row_id = followed.row_id
