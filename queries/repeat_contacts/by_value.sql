-- Of which requests did most need another one?
-- Grain: one row per value of the tile's dimension; the missing value is a row of its own.
select
    {dimensions},
    count(*) as requests,
    count(*) filter (is_repeated) as repeated,
    ratio(count(*) filter (is_ripe and is_repeated), count(*) filter (is_ripe)) as repeated_rate,
from gladly_repeats
where not is_forward
group by all
order by requests desc, {dimensions}
