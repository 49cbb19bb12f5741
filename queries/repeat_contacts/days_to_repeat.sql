-- After how many days did customers come back?
-- Grain: one row per whole day up to the last within which another request is a repeat.
with counted as (
    select days, count(*) as requests
    from gladly_repeats
    where is_repeated
    group by all
)

select
    possible.days,
    coalesce(counted.requests, 0) as requests,
from (select unnest(range(0, within_days, 1)) as days from chosen) as possible
left join counted on possible.days = counted.days
order by possible.days
