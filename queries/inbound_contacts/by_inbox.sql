-- Which inboxes do contacts come in through, by the inbox where each was first queued?
-- Grain: one row per inbox; the missing value is a row of its own.
select
    inbox,
    count(*) as inbound_contacts,
    count(distinct customer_id) as customers,
    contacts_per_customer(contact_id, customer_id) as avg_inbound_contacts_per_customer,
    ratio(count(*), sum(count(*)) over ()) as share,
from gladly_contacts_inbound
group by all
order by inbound_contacts desc, inbox nulls last
