-- Which conversations went from one assignee to another most often, and over how many?
-- Grain: one row per conversation.
-- A contact that was renamed has its latest name. Lists of assignees are short: counting distinct
-- ones of every conversation takes four times as long.
select
    conversation_id,
    arg_max(contact_name, (timestamp_utc, row_id)) as contact_name,
    count(*) filter (is_reassignment) as reassignments,
    count(*) as assignments,
    len(list_distinct(list(assigned_to))) as assignees,
from respondio_assignments
group by all
order by reassignments desc, assignments desc, conversation_id
