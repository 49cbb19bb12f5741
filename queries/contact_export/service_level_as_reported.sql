-- How does our service level compare with that of Gladly's own Contact Summary, by its definition?
-- Grain: one row per period of a download that has the service level, and what that is limited to.
-- Ours by queued less Gladly's is the sum of the differences by definition, population and anchor:
-- by definition is what the download's own parts come to, within SLA / (fulfilled + abandoned),
-- less what it says. Without the parts nothing is known of either. Files have nine digits.
with compared as (
    select
        period,
        rollup,
        zone,
        channel_filter,
        inboxes_filter,
        max(number) filter (place = 'REPORTED' and measure = 'rate') as service_level_reported,
        max(number) filter (place = 'REPORTED' and name = 'contacts_fulfilled_before_sla')
            as before_sla,
        max(number) filter (place = 'REPORTED' and name = 'contacts_fulfilled_after_sla')
            as after_sla,
        max(number) filter (place = 'REPORTED' and name = 'contacts_abandoned') as abandoned,
        max(number) filter (place = 'ENDED' and measure = 'rate') as service_level_at_ended,
        max(number) filter (place = 'QUEUED' and measure = 'rate') as service_level_at_queued,
    from gladly_summary_reported
    group by all
)

select
    period,
    case when not is_unfiltered(channel_filter) then channel_filter end as channel_filter,
    case when not is_unfiltered(inboxes_filter) then inboxes_filter end as inboxes_filter,
    service_level_reported,
    ratio(before_sla, before_sla + after_sla + abandoned) as service_level_of_parts,
    service_level_at_ended,
    service_level_at_queued,
    round(ratio(before_sla, before_sla + after_sla + abandoned) - service_level_reported, 8)
        as service_level_by_definition,
    round(service_level_at_ended - ratio(before_sla, before_sla + after_sla + abandoned), 8)
        as service_level_by_population,
    round(service_level_at_queued - service_level_at_ended, 8) as service_level_by_anchor,
    before_sla::bigint as before_sla_reported,
    after_sla::bigint as after_sla_reported,
    abandoned::bigint as abandoned_reported,
from compared
where service_level_reported is not null
order by period, rollup, zone, compared.channel_filter, compared.inboxes_filter
