-- The contacts that came in: the rows of the Inbound Contacts report.
-- Grain: one row per inbound contact.
select *
from gladly_contacts
where direction = 'INBOUND'
