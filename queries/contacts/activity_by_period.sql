-- How many contacts were added, deleted and merged, period by period? Zero where a log is loaded.
-- Grain: one row per activity and period that its log covers.
with happened as (
    select period, activity, count(*) as contacts
    from respondio_contact_changes
    group by all
)

select
    periods_by_kind.period,
    activity_of(periods_by_kind.kind) as activity,
    coalesce(happened.contacts, 0) as contacts,
from periods_by_kind
left join happened
    on periods_by_kind.period = happened.period
    and activity_of(periods_by_kind.kind) = happened.activity
where activity_of(periods_by_kind.kind) in ('ADDED', 'DELETED', 'MERGED')
order by period, activity
