-- How many conversations were opened and closed, and how were they answered and resolved?
-- Grain: one row.
select
    count(*) filter (state = 'OPENED') as conversations_opened,
    count(*) filter (state = 'CLOSED') as conversations_closed,
    count(distinct customer_key(contact_id)) filter (is_placed) as contacts,
    median(first_response_seconds) filter (is_placed) as median_first_response_seconds,
    median(resolution_seconds) filter (is_placed) as median_resolution_seconds,
    average_response(
        case when is_placed then average_response_time_seconds end, number_of_responses
    ) as average_response_seconds,
    avg(number_of_assignments) filter (is_placed) as assignments_per_conversation,
    sum(incoming_messages) filter (is_placed) as messages_in,
    sum(outgoing_messages) filter (is_placed) as messages_out,
from respondio_conversation_moments
