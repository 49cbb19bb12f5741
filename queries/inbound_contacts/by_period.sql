-- How many contacts came in, period by period? Covered periods without contacts are zero.
-- Grain: one row per covered period.
with arrived as (
    select
        period,
        count(*) as inbound_contacts,
        count(distinct customer_id) as customers,
        contacts_per_customer(contact_id, customer_id) as avg_inbound_contacts_per_customer,
    from gladly_contacts_inbound
    group by all
)

select
    periods.period,
    coalesce(arrived.inbound_contacts, 0) as inbound_contacts,
    coalesce(arrived.customers, 0) as customers,
    arrived.avg_inbound_contacts_per_customer,
from periods
left join arrived on periods.period = arrived.period
order by periods.period
