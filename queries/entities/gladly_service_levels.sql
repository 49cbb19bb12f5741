-- Every contact under each definition of service level.
-- Grain: one row per contact and definition.
select
    contacts.*,
    definitions.definition,
from gladly_contacts as contacts
cross join (select unnest(['gladly', 'answered', 'offered', 'queued']) as definition) as definitions
