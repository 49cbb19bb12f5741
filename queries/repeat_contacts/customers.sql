-- Which customers had most requests?
-- Grain: one row per customer.
-- Grouped by keys, which takes less than by IDs.
with chained as (
    select
        customer_id,
        is_forward,
        channel,
        queued_at,
        count(chain) over (partition by chain) as requests_of_chain,
    from gladly_repeats
    where customer_id is not null
),

counted as (
    select
        customer_key(customer_id) as customer_key,
        any_value(customer_id) as customer_id,
        count(*) filter (not is_forward) as requests,
        max(requests_of_chain) as longest_chain,
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
