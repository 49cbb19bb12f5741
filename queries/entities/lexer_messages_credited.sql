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
    select sent.row_id
    from (
        select
            row_id,
            customer_key(customer_id) as customer_key,
            sent_at_utc,
        from lexer_messages_dated
        where status = 'SENT' and customer_id is not null
    ) as sent
    asof join (
        select
            customer_key,
            ordered_at,
        from lexer_credits
        where is_purchase
    ) as purchases
        on sent.customer_key = purchases.customer_key
        and sent.sent_at_utc <= purchases.ordered_at
    cross join chosen
    where purchases.ordered_at < window_end(sent.sent_at_utc, chosen.window_days)
) as followed
    on messages.row_id = followed.row_id
