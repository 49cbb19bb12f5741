-- On which channel did customers come back, by the one on which they had been?
-- Grain: one row per channel and channel of the repeat.
select
    channel,
    next_channel,
    count(*) as requests,
from gladly_repeats
where is_repeated
group by all
order by requests desc, channel, next_channel
