-- Which channels do contacts come in through?
-- Grain: one row per channel; the missing value is a row of its own.
select
    channel,
    count(*) as inbound_contacts,
    count(distinct customer_id) as customers,
    contacts_per_customer(contact_id, customer_id) as avg_inbound_contacts_per_customer,
    ratio(count(*), sum(count(*)) over ()) as share,
from gladly_contacts_inbound
group by all
order by inbound_contacts desc, channel nulls last
