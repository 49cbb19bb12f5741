-- How many contacts were there, how long did they wait, and how were they handled?
-- Grain: one row.
select
    count(*) as contacts,
    count(*) filter (direction = 'INBOUND') as inbound,
    count(*) filter (direction = 'OUTBOUND') as outbound,
    ratio(
        count(*) filter (direction = 'INBOUND' and status = 'ANSWERED'),
        count(status) filter (direction = 'INBOUND')
    ) as answered_rate,
    ratio(
        count(*) filter (
            direction = 'INBOUND' and channel = 'PHONE_CALL' and status = 'ABANDONED'
        ),
        count(status) filter (direction = 'INBOUND' and channel = 'PHONE_CALL')
    ) as abandoned_rate,
    median(queued_to_fulfilled_seconds) as median_queued_to_fulfilled_seconds,
    p90(queued_to_fulfilled_seconds) as p90_queued_to_fulfilled_seconds,
    sla_attainment_rate(seconds_within_or_over_sla) as sla_attainment_rate,
    service_level_rate(in_time) as service_level_rate,
    median(contact_handle_seconds) as median_contact_handle_seconds,
    median(business_wait_seconds) as median_business_wait_seconds,
from gladly_contacts
