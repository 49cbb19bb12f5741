-- How did the contacts go that each agent had when they ended?
-- Grain: one row per agent; contacts without an agent are a row of their own.
select
    agent,
    count(*) as contacts,
    avg(contact_handle_seconds) as average_contact_handle_seconds,
    median(contact_handle_seconds) as median_contact_handle_seconds,
    avg(after_contact_seconds) as average_after_contact_seconds,
    avg(talk_seconds) as average_talk_seconds,
    avg(hold_total_seconds) as average_hold_seconds,
    sum(times_offered) as times_offered,
    sum(times_accepted) as times_accepted,
    sum(times_missed) as times_missed,
    sum(times_declined) as times_declined,
    sum(times_transferred) as times_transferred,
    sla_attainment_rate(seconds_within_or_over_sla) as sla_attainment_rate,
from gladly_contacts
group by all
order by contacts desc, agent nulls last
