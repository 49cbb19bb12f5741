-- Who was assigned conversations first, who closed them, and how were those answered and resolved?
-- Grain: one row per user; conversations that nobody was assigned or closed are a row of their own.
select
    user,
    count(*) filter (state = 'ASSIGNED') as conversations_assigned,
    count(*) filter (state = 'CLOSED') as conversations_closed,
    count(distinct customer_key(contact_id)) filter (is_placed) as contacts,
    median(first_response_seconds) filter (is_placed) as median_first_response_seconds,
    average_response(
        case when is_placed then average_response_time_seconds end, number_of_responses
    ) as average_response_seconds,
    median(resolution_seconds) filter (is_placed) as median_resolution_seconds,
from respondio_conversation_moments
group by all
having count(*) filter (is_placed or state <> 'OPENED') > 0
order by conversations_closed desc, conversations_assigned desc, user nulls last
