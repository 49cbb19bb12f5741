-- How soon was the first response? The lower bound of each class belongs to it.
-- Grain: one row per class of waits, in a fixed order; without a response where there is such.
with answered as (
    select bucket, count(*) as conversations
    from respondio_conversations
    group by all
),

classes as (
    select bucket, place
    from (
        values
            ('< 30 s', 1),
            ('30 s to 2 min', 2),
            ('2 to 5 min', 3),
            ('5 to 10 min', 4),
            ('10 to 30 min', 5),
            ('30 min to 1 h', 6),
            ('> 1 h', 7)
    ) as listed (bucket, place)
)

select
    coalesce(classes.bucket, answered.bucket) as bucket,
    coalesce(answered.conversations, 0) as conversations,
    ratio(coalesce(answered.conversations, 0), sum(answered.conversations) over ()) as share,
from classes
full join answered on classes.bucket = answered.bucket
order by classes.place nulls last
