-- How do our figures compare with those of Gladly's own download, at its own rollup and filters?
-- Grain: one row per period of the download.
-- Gladly counts every e-mail, a Contact Export counts e-mail sessions.
with counted as (
    select
        reported.period,
        reported.rollup,
        reported.zone,
        reported.channel_filter,
        reported.inboxes_filter,
        count(contacts.contact_id) as inbound_contacts,
        count(distinct contacts.customer_id) as customers,
        contacts_per_customer(contacts.contact_id, contacts.customer_id) as per_customer,
        count(contacts.contact_id) filter (not is_email) as other_contacts,
        count(distinct contacts.customer_id) filter (not is_email) as other_customers,
        any_value(reported.inbound_contacts) as reported_contacts,
        any_value(reported.customers) as reported_customers,
        any_value(reported.average_inbound_contacts_per_customer) as reported_per_customer,
    from gladly_inbound_reported as reported
    left join (
        select *, channel is not distinct from 'EMAIL' as is_email
        from gladly_contacts_inbound
    ) as contacts
        on contacts.queued_at_utc >= reported.period_utc
        and contacts.queued_at_utc < reported.period_end_utc
        and lets_through(reported.channel_filter, contacts.channel)
        and lets_through(reported.inboxes_filter, contacts.inbox)
    group by all
)

select
    period,
    inbound_contacts,
    other_contacts as inbound_contacts_without_email,
    reported_contacts as inbound_contacts_reported,
    inbound_contacts - reported_contacts as inbound_contacts_difference,
    other_contacts - reported_contacts as inbound_contacts_without_email_difference,
    customers,
    other_customers as customers_without_email,
    reported_customers as customers_reported,
    customers - reported_customers as customers_difference,
    other_customers - reported_customers as customers_without_email_difference,
    per_customer as avg_inbound_contacts_per_customer,
    ratio(other_contacts, other_customers) as avg_inbound_contacts_per_customer_without_email,
    reported_per_customer as avg_inbound_contacts_per_customer_reported,
    per_customer - reported_per_customer as avg_inbound_contacts_per_customer_difference,
    ratio(other_contacts, other_customers) - reported_per_customer
        as avg_inbound_contacts_per_customer_without_email_difference,
from counted
order by period, rollup, zone, channel_filter, inboxes_filter
