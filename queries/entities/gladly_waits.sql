-- Contacts with how long they waited while the calendar of their inbox was open.
-- Grain: one row per contact.
-- The inbox is that in which a contact was first queued; the calendar without an inbox is that of
-- every inbox which none names. One that was fulfilled before it was queued has not waited.
with followed as (
    select
        contacts.*,
        coalesce(own.calendar, usual.calendar) as calendar,
    from gladly_contacts_dated as contacts
    left join calendar_inboxes as own on contacts.inbox = own.inbox
    cross join (
        select max(calendar) as calendar
        from calendar_inboxes
        where inbox is null
    ) as usual
)

select
    followed.* exclude (calendar),
    case
        when followed.fulfilled_at <= followed.queued_at_utc then 0
        else open_between(
            open_until(
                followed.queued_at_utc,
                queued.microseconds_before, queued.is_open, queued.starts_at
            ),
            open_until(
                followed.fulfilled_at,
                fulfilled.microseconds_before, fulfilled.is_open, fulfilled.starts_at
            )
        )
    end as business_wait_seconds,
from followed
left join gladly_open_hours as queued
    on followed.calendar = queued.calendar
    and utc_day_of(followed.queued_at_utc) = queued.day
    and followed.queued_at_utc >= queued.starts_at
    and followed.queued_at_utc < queued.ends_at
left join gladly_open_hours as fulfilled
    on followed.calendar = fulfilled.calendar
    and utc_day_of(followed.fulfilled_at) = fulfilled.day
    and followed.fulfilled_at >= fulfilled.starts_at
    and followed.fulfilled_at < fulfilled.ends_at
