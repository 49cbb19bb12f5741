-- The figures of Gladly's own Contact Summary downloads, beside the same of the contacts loaded.
-- Grain: one row per period of a download, figure and place of its contacts: REPORTED as Gladly has
-- it, ENDED and QUEUED of the contacts loaded that ended or were queued in the period, whatever is
-- selected. Dates are wall times of the download's zone; `_utc` are the same instants in UTC.
-- A share can be more than 1 only in percent, and then all of its load are.
with reported as (
    select
        summary.* exclude (date, service_level_percentage),
        summary.date as period,
        summary.service_level_percentage / case
            when max(summary.service_level_percentage) over (partition by summary.load_id) > 1
                then 100
            else 1
        end as service_level_percentage,
        case rollup
            when 'half_hour' then date + interval 30 minutes
            when 'hour' then date + interval 1 hour
            when 'week' then date + interval 7 days
            when 'month' then date + interval 1 month
            when 'quarter' then date + interval 3 months
            else date + interval 1 day
        end as period_end,
        coalesce(summary.timezone_filter, loads.timezone) as zone,
        instant_of(summary.date, zone) as period_utc,
        instant_of(period_end, zone) as period_end_utc,
    from main.gladly_contact_summary as summary
    left join main.loads
        on summary.load_id = loads.load_id
),

contacts as (
    select
        gladly_contacts.*,
        'ENDED' as place,
        ended_at as placed_at_utc,
    from gladly_contacts
    where ended_at is not null
    union all
    select
        gladly_contacts.*,
        'QUEUED' as place,
        queued_at_utc as placed_at_utc,
    from gladly_contacts
    where ended_at is not null
),

placed as (
    select
        reported.row_id,
        moments.place,
        count(contacts.contact_id)::double as contacts_ended,
        count(*) filter (direction = 'INBOUND')::double as contacts_inbound,
        count(*) filter (direction = 'OUTBOUND')::double as contacts_outbound,
        count(seconds_within_or_over_sla)::double as contacts_fulfilled,
        count(*) filter (seconds_within_or_over_sla <= 0)::double as contacts_fulfilled_before_sla,
        count(*) filter (seconds_within_or_over_sla > 0)::double as contacts_fulfilled_after_sla,
        count(*) filter (status = 'ABANDONED')::double as contacts_abandoned,
        count(*) filter (status = 'ABANDONED' and queued_to_ended_seconds <= 5)::double
            as contacts_abandoned_within_5_seconds,
        count(*) filter (status = 'ABANDONED' and queued_to_ended_seconds <= 10)::double
            as contacts_abandoned_within_10_seconds,
        count(*) filter (status = 'ABANDONED' and queued_to_ended_seconds <= 15)::double
            as contacts_abandoned_within_15_seconds,
        service_level_rate(
            in_time(
                'gladly', direction, status, queued_to_fulfilled_seconds, queued_to_ended_seconds,
                seconds_within_or_over_sla, null::double, null::double
            )
        ) as service_level_percentage,
        avg(queued_to_fulfilled_seconds) as average_queued_to_fulfilled_seconds,
        max(queued_to_fulfilled_seconds) as max_queued_to_fulfilled_seconds,
        avg(queued_to_fulfilled_within_business_hours_seconds)
            as average_queued_to_fulfilled_within_business_hours_seconds,
        max(queued_to_fulfilled_within_business_hours_seconds)
            as max_queued_to_fulfilled_within_business_hours_seconds,
        avg(queued_to_accepted_seconds) as average_queued_to_accepted_seconds,
        avg(queued_to_ended_seconds) as average_queued_to_ended_seconds,
        avg(accepted_to_fulfilled_seconds) as average_accepted_to_fulfilled_seconds,
        avg(seconds_within_or_over_sla) as average_due_to_fulfilled_seconds,
        avg(fulfilled_to_ended_seconds) as average_fulfilled_to_ended_seconds,
        avg(contact_handle_seconds) filter (direction = 'INBOUND')
            as average_inbound_contact_handle_seconds,
        avg(after_contact_seconds) filter (direction = 'INBOUND')
            as average_inbound_after_contact_seconds,
        avg(contact_handle_seconds) filter (direction = 'OUTBOUND')
            as average_outbound_contact_handle_seconds,
        avg(after_contact_seconds) filter (direction = 'OUTBOUND')
            as average_outbound_after_contact_seconds,
        avg(talk_seconds) as average_talk_seconds,
        avg(hold_total_seconds) as average_hold_total_seconds,
        avg(hold_manual_seconds) as average_hold_manual_seconds,
        avg(hold_warm_transfer_seconds) as average_hold_warm_transfer_seconds,
        avg(hold_cold_transfer_seconds) as average_hold_cold_transfer_seconds,
        avg(hold_conference_seconds) as average_hold_conference_seconds,
        avg(contacts.average_agent_reply_seconds) as average_agent_reply_seconds,
        avg(contacts.average_customer_reply_seconds) as average_customer_reply_seconds,
        avg(messages_total) as average_messages_total,
        avg(messages_from_customer) as average_messages_from_customer,
        avg(messages_from_agent) as average_messages_from_agent,
        avg(messages_from_rules) as average_messages_from_rules,
        avg(messages_from_api) as average_messages_from_api,
    from reported
    cross join (select unnest(['ENDED', 'QUEUED']) as place) as moments
    left join contacts
        on moments.place = contacts.place
        and contacts.placed_at_utc >= reported.period_utc
        and contacts.placed_at_utc < reported.period_end_utc
        and lets_through(reported.channel_filter, contacts.channel)
        and lets_through(reported.inboxes_filter, contacts.inbox)
    group by all
),

totals as (
    select
        row_id,
        'REPORTED' as place,
        contacts_ended::double as contacts_ended,
        contacts_inbound::double as contacts_inbound,
        contacts_outbound::double as contacts_outbound,
        contacts_fulfilled::double as contacts_fulfilled,
        contacts_fulfilled_before_sla::double as contacts_fulfilled_before_sla,
        contacts_fulfilled_after_sla::double as contacts_fulfilled_after_sla,
        contacts_abandoned::double as contacts_abandoned,
        contacts_abandoned_within_5_seconds::double as contacts_abandoned_within_5_seconds,
        contacts_abandoned_within_10_seconds::double as contacts_abandoned_within_10_seconds,
        contacts_abandoned_within_15_seconds::double as contacts_abandoned_within_15_seconds,
        service_level_percentage,
        average_queued_to_fulfilled_seconds,
        max_queued_to_fulfilled_seconds,
        average_queued_to_fulfilled_within_business_hours_seconds,
        max_queued_to_fulfilled_within_business_hours_seconds,
        average_queued_to_accepted_seconds,
        average_queued_to_ended_seconds,
        average_accepted_to_fulfilled_seconds,
        average_due_to_fulfilled_seconds,
        average_fulfilled_to_ended_seconds,
        average_inbound_contact_handle_seconds,
        average_inbound_after_contact_seconds,
        average_outbound_contact_handle_seconds,
        average_outbound_after_contact_seconds,
        average_talk_seconds,
        average_hold_total_seconds,
        average_hold_manual_seconds,
        average_hold_warm_transfer_seconds,
        average_hold_cold_transfer_seconds,
        average_hold_conference_seconds,
        average_agent_reply_seconds,
        average_customer_reply_seconds,
        average_messages_total,
        average_messages_from_customer,
        average_messages_from_agent,
        average_messages_from_rules,
        average_messages_from_api,
    from reported
    union all
    select placed.*
    from placed
),

listed as (
    select
        row_id,
        place,
        name,
        number,
    from totals unpivot include nulls (
        number for name in (
            contacts_ended,
            contacts_inbound,
            contacts_outbound,
            contacts_fulfilled,
            contacts_fulfilled_before_sla,
            contacts_fulfilled_after_sla,
            contacts_abandoned,
            contacts_abandoned_within_5_seconds,
            contacts_abandoned_within_10_seconds,
            contacts_abandoned_within_15_seconds,
            service_level_percentage,
            average_queued_to_fulfilled_seconds,
            max_queued_to_fulfilled_seconds,
            average_queued_to_fulfilled_within_business_hours_seconds,
            max_queued_to_fulfilled_within_business_hours_seconds,
            average_queued_to_accepted_seconds,
            average_queued_to_ended_seconds,
            average_accepted_to_fulfilled_seconds,
            average_due_to_fulfilled_seconds,
            average_fulfilled_to_ended_seconds,
            average_inbound_contact_handle_seconds,
            average_inbound_after_contact_seconds,
            average_outbound_contact_handle_seconds,
            average_outbound_after_contact_seconds,
            average_talk_seconds,
            average_hold_total_seconds,
            average_hold_manual_seconds,
            average_hold_warm_transfer_seconds,
            average_hold_cold_transfer_seconds,
            average_hold_conference_seconds,
            average_agent_reply_seconds,
            average_customer_reply_seconds,
            average_messages_total,
            average_messages_from_customer,
            average_messages_from_agent,
            average_messages_from_rules,
            average_messages_from_api
        )
    )
)

select
    reported.row_id,
    reported.period,
    reported.rollup,
    reported.zone,
    reported.channel_filter,
    reported.inboxes_filter,
    reported.period_utc,
    reported.period_end_utc,
    figures.position,
    figures.name,
    figures.figure,
    figures.measure,
    listed.place,
    listed.number,
from reported
inner join listed
    on reported.row_id = listed.row_id
inner join (
    select position, name, figure, measure
    from (
        values
            (1, 'contacts_ended', 'Contacts ended', 'count'),
            (2, 'contacts_inbound', 'Contacts inbound', 'count'),
            (3, 'contacts_outbound', 'Contacts outbound', 'count'),
            (4, 'contacts_fulfilled', 'Contacts fulfilled', 'count'),
            (5, 'contacts_fulfilled_before_sla', 'Contacts fulfilled before SLA', 'count'),
            (6, 'contacts_fulfilled_after_sla', 'Contacts fulfilled after SLA', 'count'),
            (7, 'contacts_abandoned', 'Contacts abandoned', 'count'),
            (
                8, 'contacts_abandoned_within_5_seconds',
                'Contacts abandoned within 5 seconds', 'count'
            ),
            (
                9, 'contacts_abandoned_within_10_seconds',
                'Contacts abandoned within 10 seconds', 'count'
            ),
            (
                10, 'contacts_abandoned_within_15_seconds',
                'Contacts abandoned within 15 seconds', 'count'
            ),
            (11, 'service_level_percentage', 'Service level', 'rate'),
            (12, 'average_queued_to_fulfilled_seconds', 'Average queued to fulfilled', 'duration'),
            (13, 'max_queued_to_fulfilled_seconds', 'Longest queued to fulfilled', 'duration'),
            (
                14, 'average_queued_to_fulfilled_within_business_hours_seconds',
                'Average queued to fulfilled in business hours', 'duration'
            ),
            (
                15, 'max_queued_to_fulfilled_within_business_hours_seconds',
                'Longest queued to fulfilled in business hours', 'duration'
            ),
            (
                16, 'average_queued_to_accepted_seconds',
                'Average queued to first accepted', 'duration'
            ),
            (17, 'average_queued_to_ended_seconds', 'Average queued to ended', 'duration'),
            (
                18, 'average_accepted_to_fulfilled_seconds',
                'Average first accepted to fulfilled', 'duration'
            ),
            (19, 'average_due_to_fulfilled_seconds', 'Average due to fulfilled', 'duration'),
            (20, 'average_fulfilled_to_ended_seconds', 'Average fulfilled to ended', 'duration'),
            (
                21, 'average_inbound_contact_handle_seconds',
                'Average contact handle time, inbound', 'duration'
            ),
            (
                22, 'average_inbound_after_contact_seconds',
                'Average after contact time, inbound', 'duration'
            ),
            (
                23, 'average_outbound_contact_handle_seconds',
                'Average contact handle time, outbound', 'duration'
            ),
            (
                24, 'average_outbound_after_contact_seconds',
                'Average after contact time, outbound', 'duration'
            ),
            (25, 'average_talk_seconds', 'Average talk time', 'duration'),
            (26, 'average_hold_total_seconds', 'Average hold time, total', 'duration'),
            (27, 'average_hold_manual_seconds', 'Average hold time, manual', 'duration'),
            (
                28, 'average_hold_warm_transfer_seconds',
                'Average hold time, warm transfer', 'duration'
            ),
            (
                29, 'average_hold_cold_transfer_seconds',
                'Average hold time, cold transfer', 'duration'
            ),
            (30, 'average_hold_conference_seconds', 'Average hold time, conference', 'duration'),
            (31, 'average_agent_reply_seconds', 'Average agent reply time', 'duration'),
            (32, 'average_customer_reply_seconds', 'Average customer reply time', 'duration'),
            (33, 'average_messages_total', 'Average messages', 'decimal'),
            (34, 'average_messages_from_customer', 'Average messages from customer', 'decimal'),
            (35, 'average_messages_from_agent', 'Average messages from agent', 'decimal'),
            (36, 'average_messages_from_rules', 'Average messages from rules', 'decimal'),
            (37, 'average_messages_from_api', 'Average messages from API', 'decimal')
    ) as known (position, name, figure, measure)
) as figures
    on listed.name = figures.name
