-- How many contacts are within the service level, by each of its four definitions?
-- Grain: one row per definition.
select
    definition,
    within,
    of,
    service_level_rate,
from (
    select
        definition,
        count(*) filter (in_time) as within,
        count(in_time) as of,
        service_level_rate(in_time) as service_level_rate,
    from gladly_service_levels
    group by all
)
order by definition <> 'gladly', definition
