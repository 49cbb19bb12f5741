-- Every contact of customers, inbound and outbound, with what it is to the ones before it.
-- Grain: one row per contact.
select
    contacts.*,
    case
        when repeats.is_forward then 'Forward'
        when repeats.begins_chain then 'New request'
        when not repeats.begins_chain then 'Repeat'
        else 'Outbound'
    end as came_as,
from gladly_contacts as contacts
left join gladly_repeats as repeats
    on contacts.row_id = repeats.row_id
where contacts.customer_id is not null
