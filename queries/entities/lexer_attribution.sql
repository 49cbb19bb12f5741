-- By which rule are orders credited to messages, and what do the orders loaded allow?
-- Grain: one row.
-- The currencies of all orders count: a change between two of them would be no change of money.
-- no_revenue is of messages without any order: zero where orders of one currency are loaded.
select
    chosen.window_days,
    chosen.currency is null and known.currencies > 1 as is_money_mixed,
    known.last_ordered_at,
    known.are_orders_loaded,
    case when known.are_orders_loaded and not is_money_mixed then 0.0::double end as no_revenue,
from chosen
cross join (
    select
        count(distinct coalesce(currency, '')) filter (order_value <> 0) as currencies,
        max(ordered_at) as last_ordered_at,
        exists (from main.coverage where kind = 'lexer_orders') as are_orders_loaded,
    from lexer_orders
) as known
