-- How do our totals compare with those of Gladly's own Contact Summary, and why do they differ?
-- Grain: one row per period of the download and figure that it has.
-- Ours by queued less Gladly's is the sum of the differences by population, definition and anchor.
with compared as (
    select
        period,
        rollup,
        zone,
        channel_filter,
        inboxes_filter,
        position,
        figure,
        name in ('contacts_ended', 'contacts_inbound', 'contacts_outbound') as is_of_population,
        max(number) filter (place = 'REPORTED')::bigint as reported,
        max(number) filter (place = 'ENDED')::bigint as at_ended,
        max(number) filter (place = 'QUEUED')::bigint as at_queued,
    from gladly_summary_reported
    where measure = 'count'
    group by all
)

select
    period,
    case when not is_unfiltered(channel_filter) then channel_filter end as channel_filter,
    case when not is_unfiltered(inboxes_filter) then inboxes_filter end as inboxes_filter,
    figure,
    reported,
    at_ended,
    at_queued,
    case when is_of_population then at_ended - reported else 0 end as by_population,
    case when is_of_population then 0 else at_ended - reported end as by_definition,
    at_queued - at_ended as by_anchor,
from compared
where reported is not null
order by period, rollup, zone, compared.channel_filter, compared.inboxes_filter, position
