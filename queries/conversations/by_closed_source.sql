-- What closed conversations, and how did they go?
-- Grain: one row per value; the missing value is a row of its own.
select
    closed_source,
    count(*) as conversations,
    ratio(count(*), sum(count(*)) over ()) as share,
    median(first_response_seconds) as median_first_response_seconds,
    median(resolution_seconds) as median_resolution_seconds,
from respondio_conversations
group by all
order by conversations desc, closed_source nulls last
