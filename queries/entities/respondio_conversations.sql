-- Conversations, each at the moment that places it: when it was closed, or when it was opened.
-- Grain: one row per conversation that has the moment.
select *
from respondio_conversation_moments
where is_placed
