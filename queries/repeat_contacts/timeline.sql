-- What happened between this customer and us, contact by contact?
-- Grain: one row per contact of the customer, whenever it was.
select
    queued_at,
    channel,
    direction,
    queued_to_fulfilled_seconds,
    agent,
    status,
    came_as,
    seconds_between(lag(queued_at_utc) over in_order, queued_at_utc) / nullif(86400, 0)
        as days_since_last,
    contact_id,
from gladly_customer_contacts
window in_order as (partition by customer_key(customer_id) order by queued_at_utc, row_id)
order by queued_at_utc, row_id
