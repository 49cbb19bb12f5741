-- Every contact as the latest load has it, with the customer it belongs to after customer merges.
-- Grain: one row per contact.
-- Timestamps other than queued_at are in UTC here; the runner shows them in the reporting zone.
-- The merges are grouped, though no customer is merged twice: so DuckDB knows that the join adds
-- no rows, and leaves it out where nothing asks for the customer.
select
    contacts.* exclude (queued_at, queued_at_local, customer_id),
    contacts.queued_at as queued_at_utc,
    contacts.queued_at_local as queued_at,
    contacts.customer_id as exported_customer_id,
    coalesce(roots.customer_id, contacts.customer_id) as customer_id,
    contacts.inbox_when_first_queued as inbox,
    contacts.agent_when_ended as agent,
from main.gladly_contact_export as contacts
left join (
    select merged_customer_id, any_value(customer_id) as customer_id
    from main.gladly_customer_roots
    group by all
) as roots
    on contacts.customer_id = roots.merged_customer_id
