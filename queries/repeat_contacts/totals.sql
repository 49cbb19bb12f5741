-- How many requests were there, and how many of them needed another one?
-- Grain: one row.
select
    count(*) filter (customer_id is not null) as contacts,
    count(*) filter (not is_forward) as requests,
    ratio(count(*) filter (is_ripe and is_repeated), count(*) filter (is_ripe)) as repeated_rate,
    ratio(
        count(*) filter (begins_chain and has_history and is_ripe and not is_repeated),
        count(*) filter (begins_chain and has_history and is_ripe)
    ) as first_contact_resolution_rate,
    median(days_to_repeat) as median_days_to_repeat,
    avg(days_to_repeat) as average_days_to_repeat,
    count(distinct customer_key(customer_id)) filter (requests_in_range >= 3)
        as customers_with_3_or_more,
from gladly_repeats
