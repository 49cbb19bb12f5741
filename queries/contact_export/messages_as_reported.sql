-- How do our messages per contact compare with those of Gladly's own Contact Summary?
-- Grain: one row per period of the download and average that it has.
-- By when contacts ended, other contacts and another definition cannot be told apart in an average.
with compared as (
    select
        period,
        rollup,
        zone,
        channel_filter,
        inboxes_filter,
        position,
        figure,
        max(number) filter (place = 'REPORTED') as reported,
        max(number) filter (place = 'ENDED') as at_ended,
        max(number) filter (place = 'QUEUED') as at_queued,
    from gladly_summary_reported
    where measure = 'decimal'
    group by all
)

select
    period,
    case when not is_unfiltered(channel_filter) then channel_filter end as channel_filter,
    case when not is_unfiltered(inboxes_filter) then inboxes_filter end as inboxes_filter,
    figure,
    reported as reported_messages,
    at_ended as at_ended_messages,
    at_queued as at_queued_messages,
    round(at_ended - reported, 6) as by_contacts_messages,
    round(at_queued - at_ended, 6) as by_anchor_messages,
from compared
where reported is not null
order by period, rollup, zone, compared.channel_filter, compared.inboxes_filter, position
