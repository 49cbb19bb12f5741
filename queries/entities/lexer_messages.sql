-- Every message as the latest load has it, sent or not, with the customer after customer merges.
-- Grain: one row per message.
-- The merges are grouped, though no customer is merged twice: so DuckDB knows that the join adds
-- no rows, and leaves it out where nothing asks for the customer.
select
    messages.* exclude (sent_at, sent_at_local, customer_id),
    messages.sent_at as sent_at_utc,
    messages.sent_at_local as sent_at,
    messages.customer_id as exported_customer_id,
    coalesce(roots.customer_id, messages.customer_id) as customer_id,
from main.lexer_message_rows as messages
left join (
    select merged_customer_id, any_value(customer_id) as customer_id
    from main.lexer_customer_roots
    group by all
) as roots
    on messages.customer_id = roots.merged_customer_id
