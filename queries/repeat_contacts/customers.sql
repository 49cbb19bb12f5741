-- Which customers had most requests?
-- Grain: one row per customer.
-- Grouped by keys, which takes less than by IDs.
with numbered as (
    select
        customer_id,
        lane_key,
        is_forward,
        channel,
        queued_at,
        queued_at_utc,
        row_id,
        begins_chain,
        count(*) filter (not is_forward) over in_order as place,
    from gladly_repeats
    where customer_id is not null
    window in_order as (
        partition by lane_key
        order by queued_at_utc, row_id
        rows between unbounded preceding and current row
    )
),

chained as (
    select
        customer_id,
        customer_key(customer_id) as customer_key,
        is_forward,
        channel,
        queued_at,
        place - max(case when begins_chain or place = 1 then place end) over (
            partition by lane_key
            order by queued_at_utc, row_id
            rows between unbounded preceding and current row
        ) + 1 as chain,
    from numbered
),

counted as (
    select
        customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (not is_forward) as requests,
        max(chain) as longest_chain,
        min(queued_at) as first_at,
        max(queued_at) as last_at,
        count(distinct channel) as channels,
    from chained
    group by all
)

select
    customer_id,
    requests,
    longest_chain,
    first_at,
    last_at,
    channels,
from counted
order by requests desc, longest_chain desc, customer_id
