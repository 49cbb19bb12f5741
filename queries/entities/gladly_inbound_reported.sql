-- The figures of Gladly's own Inbound Contacts downloads, each with the period that it covers.
-- Grain: one row per period and way in which the download was filtered.
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
from main.gladly_inbound_contacts as reported
