-- Every order and refund as the latest load has it, with the customer after customer merges.
-- Grain: one row per order or refund.
-- ordered_at is in UTC here; an order of no known value is a purchase all the same.
-- The merges are grouped, though no customer is merged twice: so DuckDB knows that the join adds
-- no rows, and leaves it out where nothing asks for the customer.
select
    orders.* exclude (customer_id),
    orders.customer_id as exported_customer_id,
    coalesce(roots.customer_id, orders.customer_id) as customer_id,
    coalesce(orders.order_value, 0) >= 0 as is_purchase,
from main.lexer_order_rows as orders
left join (
    select merged_customer_id, any_value(customer_id) as customer_id
    from main.lexer_customer_roots
    group by all
) as roots
    on orders.customer_id = roots.merged_customer_id
