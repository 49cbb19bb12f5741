-- The figures of Gladly's own Inbound Contacts downloads, each with the period that it covers.
-- Grain: one row per period and way in which the download was filtered.
-- Its dates are wall times of the download's zone; `_utc` are the same instants in UTC.
select
    reported.* exclude (date),
    reported.date as period,
    case rollup
        when 'half_hour' then date + interval 30 minutes
        when 'hour' then date + interval 1 hour
        when 'week' then date + interval 7 days
        when 'month' then date + interval 1 month
        when 'quarter' then date + interval 3 months
        else date + interval 1 day
    end as period_end,
    coalesce(reported.timezone_filter, loads.timezone) as zone,
    instant_of(reported.date, zone) as period_utc,
    instant_of(period_end, zone) as period_end_utc,
from main.gladly_inbound_contacts as reported
left join main.loads
    on reported.load_id = loads.load_id
