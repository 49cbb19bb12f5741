-- How long did contacts wait for responses, period by period?
-- Grain: one row per covered period.
with answered as (
    select
        period,
        median(first_response_seconds) as median_first_response_seconds,
        avg(first_response_seconds) as average_first_response_seconds,
        p90(first_response_seconds) as p90_first_response_seconds,
        avg(first_assignment_to_first_response_seconds)
            as average_first_assignment_to_first_response_seconds,
        avg(last_assignment_to_response_seconds) as average_last_assignment_to_response_seconds,
        average_response(average_response_time_seconds, number_of_responses)
            as average_response_seconds,
    from respondio_conversations
    group by all
)

select
    periods.period,
    answered.median_first_response_seconds,
    answered.average_first_response_seconds,
    answered.p90_first_response_seconds,
    answered.average_first_assignment_to_first_response_seconds,
    answered.average_last_assignment_to_response_seconds,
    answered.average_response_seconds,
from periods
left join answered on periods.period = answered.period
order by periods.period
