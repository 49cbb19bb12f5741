-- How many contacts came in, from how many customers?
-- Grain: one row.
select
    count(*) as inbound_contacts,
    count(distinct customer_id) as customers,
    contacts_per_customer(contact_id, customer_id) as avg_inbound_contacts_per_customer,
from gladly_contacts_inbound
